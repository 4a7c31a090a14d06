#pragma once

#include <stdexcept>

namespace boxoffice::simulation {

/// Something happened that must never happen.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace boxoffice::simulation
