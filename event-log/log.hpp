#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events-schema/codec.hpp"

/// The port of the message log: an immutable, ordered, durable history in partitions. Adapters:
/// embedded (one process, one directory), memory (for the simulator), kafka.
namespace boxoffice::event_log {

using schema::Partition;
using schema::Position;
using schema::Sequence;
using schema::Topic;

enum class LogErrorKind {
  fenced,        ///< another owner has taken over; for good
  unavailable,   ///< the disk is full, an I/O error, no broker: nothing of the transaction is
                 ///< visible, nor ever will be; a retry may help
  corrupt,       ///< what is stored is not what was written
  in_use,        ///< another process holds the directory
  wrong_format,  ///< the directory was written by another version
};

struct LogError {
  LogErrorKind kind;
  std::string message;  ///< for an operator: what, where, and what to do about it
};

template <class T>
using Result = std::expected<T, LogError>;

/// One event as it goes onto the log, and as followers in the same process are handed it: bytes and
/// meaning together, so that nobody reads or parses again what was just written.
struct CommittedEvent {
  Topic topic{};
  schema::Envelope envelope;
  schema::Event event;
  std::string value;  ///< the exact bytes; at most kValueBytesMax
};

/// A wrapped data key under `person/<key id>` or `occasion/<id>`, or what the log says of itself
/// (see about.hpp). An empty value destroys.
struct KeyRecord {
  Partition partition;
  std::string name;
  std::string value;
};

/// What is told to whoever waits for the outcome of a command that came through a topic: visible
/// with the events of its batch, or never.
struct ReplyRecord {
  Partition partition;
  std::string to;  ///< as the command asked for
  std::string value;
};

/// What a key is known by.
struct KeyName {
  Partition partition;
  std::string name;
  auto operator<=>(const KeyName&) const = default;
};

/// What is appended at once. Events stand in order; those of one partition have consecutive
/// sequences and form a chain. The embedded log takes several partitions in one transaction (and
/// syncs once); Kafka one. Replies are only for logs that commands come through, and are not kept.
struct Batch {
  std::vector<CommittedEvent> events;
  std::vector<KeyRecord> keys;
  std::vector<ReplyRecord> replies;
};

inline constexpr std::size_t kValueBytesMax = 65'535;

/// One event as it is read back. Views are valid until the next call on the same cursor. `value` is
/// followed by `schema::kPadding` readable bytes.
struct StoredEvent {
  Topic topic{};
  Position position;
  std::string_view value;
};

/// Reads one partition in sequence order. Not thread-safe; any number of cursors may read while the
/// owner appends.
class Cursor {
 public:
  virtual ~Cursor() = default;
  /// The next events, at least one, at most some `bytes_max` of them; empty at the end of what is
  /// committed (call again when woken).
  [[nodiscard]] virtual Result<std::span<const StoredEvent>> read(std::size_t bytes_max) = 0;
};

/// The right to append to some partitions. Whoever takes over fences the owner before it: its later
/// appends fail with `fenced` and leave no trace.
class Writer {
 public:
  virtual ~Writer() = default;

  /// All or nothing: on success every event is durable (synced, or acknowledged by the in-sync
  /// replicas) and every reader will see it; on an error none ever will be. Blocks until then.
  /// Where nobody can know (an acknowledgement got lost on the way), it is `unavailable`, appends
  /// are `fenced` from then on, and taking over settles it one way or the other. Followers have
  /// been called when it returns. Asserts that sequences continue what is there, and that values
  /// are within bounds. Not thread-safe.
  [[nodiscard]] virtual Result<void> append(std::shared_ptr<const Batch> batch) = 0;
};

/// Is called on the appending thread after the sync, once per batch, in order. Must not block or
/// throw.
using Follower = std::function<void(const std::shared_ptr<const Batch>&)>;

/// Is handed one record of keys; valid for the call. False: no more are wanted.
using KeyVisitor = std::function<bool(const KeyRecord&)>;

/// Thread-safe, but for what `Writer` and `Cursor` say of themselves. Writers and cursors must not
/// outlive it; a follower must not append or take over.
class Log {
 public:
  virtual ~Log() = default;

  [[nodiscard]] virtual std::uint16_t partitions() const = 0;
  /// The deployment's name, made with the log: 12 characters of [a-z0-9]. `source` of every event
  /// is `boxoffice:` and this.
  [[nodiscard]] virtual std::string_view deployment() const = 0;

  /// Takes over `partitions`; the writers that had them are fenced. After it returns, `end` and
  /// cursors show all that they committed.
  [[nodiscard]] virtual Result<std::unique_ptr<Writer>> take_over(
      std::span<const Partition> partitions) = 0;

  /// The last committed sequence; 0 where there is none.
  [[nodiscard]] virtual Sequence end(Partition partition) const = 0;

  /// How old `end` may be: others append too, and what they committed since is not known yet. Zero
  /// where this process is the one that appends.
  [[nodiscard]] virtual std::chrono::milliseconds end_age() const { return {}; }

  /// A cursor whose first event is the one after `after`.
  [[nodiscard]] virtual std::unique_ptr<Cursor> read_after(Position after) = 0;

  /// The exact bytes of one event, followed by `schema::kPadding` bytes in the string's capacity or
  /// beyond; nullopt past the end.
  [[nodiscard]] virtual Result<std::optional<std::string>> at(Position position) = 0;

  /// The record of that name; nullopt where there never was one or it was destroyed.
  [[nodiscard]] virtual Result<std::optional<std::string>> key(Partition partition,
                                                               std::string_view name) = 0;

  /// The keys that should be there and cannot be read, for what is stored of them is not what was
  /// written. Reads all of them. None where a record is checked on its way to whoever reads it.
  [[nodiscard]] virtual Result<std::set<KeyName>> damaged_keys() { return std::set<KeyName>{}; }

  /// Hands over the wrapped keys that are committed when it is called, of all partitions; those of
  /// one name in the order in which they were put. What was destroyed, or put again later, may be
  /// left out; a destroyed key may come without a value.
  [[nodiscard]] virtual Result<void> read_keys(const KeyVisitor& visit) = 0;

  /// Follows every batch committed from now on, until the returned handle is destroyed (which waits
  /// for a call under way).
  [[nodiscard]] virtual std::shared_ptr<void> follow(Follower follower) = 0;
};

}  // namespace boxoffice::event_log
