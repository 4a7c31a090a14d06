#pragma once

#include <chrono>
#include <cstdint>

namespace boxoffice::processor {

/// Nanoseconds of a clock that never goes back and has no beginning: for measuring, not for
/// deciding.
inline std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace boxoffice::processor
