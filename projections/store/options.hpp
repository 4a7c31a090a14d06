#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "projections/store/store.hpp"
#include "rocks/database.hpp"

namespace boxoffice::projections {

/// How RocksDB is set up for read models: one cache for all tables, few background threads.
/// `looked_up` says of a family whether its rows are.
rocks::Database::Settings tuned(const std::filesystem::path& directory,
                                const StoreSettings& settings,
                                std::function<bool(const std::string& family)> looked_up);

}  // namespace boxoffice::projections
