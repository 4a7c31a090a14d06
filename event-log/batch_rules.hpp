#pragma once

#include <span>
#include <vector>

#include "event-log/log.hpp"

namespace boxoffice::event_log {

/// What every adapter asserts of a batch before it stores anything: each partition is one that the
/// writer took over, sequences go on where `ends` (by partition) stand, without a gap, values are
/// within bounds, keys are named, replies stand where they are decided. Returns where the
/// partitions will stand after the batch. Ends the program when a rule is broken.
[[nodiscard]] std::vector<Sequence> ends_after(const Batch& batch, std::span<const Sequence> ends,
                                               std::span<const Partition> owned);

inline constexpr std::size_t kKeyNameBytesMax = 255;
inline constexpr std::size_t kKeyValueBytesMax = 4096;

}  // namespace boxoffice::event_log
