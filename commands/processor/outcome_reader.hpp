#pragma once

#include <expected>
#include <string>

#include "commands/processor/submission.hpp"

namespace boxoffice::processor {

/// Reads what came of a command decided earlier. Not thread-safe.
class OutcomeReader {
 public:
  explicit OutcomeReader(event_log::Log& log);

  /// The event at `first`, and all that follow it and have the same cause. The error is for an
  /// operator; a retry may help.
  std::expected<Outcome, std::string> read(schema::Position first);

 private:
  /// Appends the event at `position` to `into`; false where there is none, yet.
  std::expected<bool, std::string> append(schema::Position position, Batch& into);

  event_log::Log& log_;
  schema::Reader reader_;
};

}  // namespace boxoffice::processor
