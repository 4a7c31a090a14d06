#pragma once

#include <string>

#include "event-log/log.hpp"

namespace boxoffice::simulation {

/// An event as it stands on the log, and as it reads.
struct Recorded {
  schema::Envelope envelope;
  schema::Event event;
  std::string value;

  schema::Position position() const { return envelope.position; }
};

}  // namespace boxoffice::simulation
