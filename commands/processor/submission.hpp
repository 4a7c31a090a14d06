#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "commands/domain/partition.hpp"
#include "event-log/log.hpp"

/// What is handed to a processor, and what comes back.
namespace boxoffice::processor {

using event_log::Batch;
using schema::Instant;

/// The events of one command, as they stand on the log.
struct Outcome {
  std::shared_ptr<const Batch> batch;
  std::size_t first = 0;  ///< index of the command's first event in `batch->events`
  std::size_t count = 0;
  bool repeated = false;  ///< decided earlier; these are the events of then

  /// The one that says what came of the command: its last.
  const event_log::CommittedEvent& deciding_event() const {
    return batch->events[first + count - 1];
  }
};

/// The key was used for another request (`422`).
struct KeyReused {};
/// An event of it would be longer than a log's entry may be (`413`). Nothing was decided, no key is
/// bound.
struct TooLarge {};
/// Nothing was decided, or nobody can say (`503`): a retry under the same key is safe.
struct Unavailable {
  std::string reason;
  std::chrono::milliseconds retry_after{1000};
};
using Answer = std::variant<Outcome, KeyReused, TooLarge, Unavailable>;

/// Is called once: on the processor's thread, after the sync; or at once on the caller's, while the
/// partitions have been away for long. Must not block or throw.
using Respond = std::move_only_function<void(Answer)>;

/// A command on its way to being decided.
struct Submission {
  schema::CommandIdentity identity;
  domain::SubjectId subject;
  schema::Command command;
  std::string actor;
  std::string correlation;
  std::string traceparent;
  Instant received{};
  Instant deadline{};
  /// A wrapped key that comes into force with the command's granting events, by its name in `keys`.
  struct AttachedKey {
    std::string name;
    std::string value;
  };
  std::optional<AttachedKey> key;

  /// Where the command came through a topic: its offset there, and to whom the reply is written
  /// with the events (empty: to nobody).
  std::optional<std::uint64_t> offset;
  std::string reply_to;

  /// Of a command that came through a topic, empty.
  Respond respond;
};

}  // namespace boxoffice::processor
