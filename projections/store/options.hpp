#pragma once

#include <filesystem>

#include "projections/store/store.hpp"
#include "rocks/database.hpp"

namespace boxoffice::projections {

/// How RocksDB is set up for read models: one cache for all tables, few background threads.
rocks::Database::Settings tuned(const std::filesystem::path& directory,
                                const StoreSettings& settings);

}  // namespace boxoffice::projections
