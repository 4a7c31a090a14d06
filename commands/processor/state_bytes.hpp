#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "commands/domain/partition.hpp"

namespace boxoffice::processor {

/// The state as it is now, to be written out later and on another thread, while the owner goes on.
/// Freezing takes microseconds.
std::move_only_function<std::string()> frozen_bytes(domain::PartitionState& state);

/// nullptr: not written by `frozen_bytes`, or by another version of the domain.
std::unique_ptr<domain::PartitionState> state_from_bytes(std::string_view bytes);

}  // namespace boxoffice::processor
