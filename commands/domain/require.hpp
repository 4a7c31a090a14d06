#pragma once

#include <cstdlib>

namespace boxoffice::domain {

/// A programmer's error, or a history that this program did not write: going on would corrupt the
/// state. Stays on in release.
constexpr void require(bool holds) {
  if (!holds) [[unlikely]]
    std::abort();
}

}  // namespace boxoffice::domain
