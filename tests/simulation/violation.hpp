#pragma once

#include <stdexcept>
#include <string>

#include "events-schema/values.hpp"

namespace boxoffice::simulation {

/// Something happened that must never happen.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws Violation, with the position, unless `fact`.
inline void demand(bool fact, schema::Position where, const char* what) {
  if (!fact) throw Violation(schema::to_text(where) + ": " + what);
}

}  // namespace boxoffice::simulation
