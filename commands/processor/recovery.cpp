#include "commands/processor/recovery.hpp"

#include <algorithm>
#include <array>

#include "commands/domain/partition.hpp"
#include "commands/domain/snapshot.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::processor {

namespace {

using event_log::LogError;
using schema::Instant;
using schema::Partition;
using schema::Position;
using schema::Sequence;

template <class T>
using Hopefully = std::expected<T, RecoveryError>;

constexpr std::size_t kReadBytes = 4u << 20;

std::unexpected<RecoveryError> no_retry_helps(std::string message) {
  return std::unexpected(RecoveryError{.message = std::move(message), .retry_helps = false});
}

std::unexpected<RecoveryError> misfit(Position position, std::string_view what) {
  return no_retry_helps("the log does not fit together at " + schema::to_text(position) + ": " +
                        std::string(what) + "; run `boxoffice replay verify` on it");
}

/// On a cluster the end may be known a moment before what stands there can be read.
std::unexpected<RecoveryError> cut_short(Position position) {
  auto error = misfit(position, "the log ends before its own end");
  error.error().retry_helps = true;
  return error;
}

std::unexpected<RecoveryError> unreadable(const LogError& error) {
  const bool is_damaged = error.kind == event_log::LogErrorKind::corrupt;
  return std::unexpected(RecoveryError{.message = error.message, .retry_helps = !is_damaged});
}

std::unexpected<RecoveryError> given_up() {
  return std::unexpected(
      RecoveryError{.message = "taking over was given up: it ends", .retry_helps = true});
}

/// What was kept of the log knows more than the log: nothing that is made from it can be.
std::unexpected<RecoveryError> beyond_the_end(std::string_view what, Position known, Sequence end) {
  return no_retry_helps(std::string(what) + " know what happened up to " + schema::to_text(known) +
                        ", but the log ends at " + schema::to_text({known.partition, end}) +
                        ": it was cut short, or they are another log's; put the log back as it "
                        "was, or delete them if it shall stay so");
}

class Recovery {
 public:
  Recovery(event_log::Log& log, Partition partition, KeyMemory& keys, SnapshotStore& snapshots,
           const Settings& settings, Instant now, const std::function<bool()>& is_given_up)
      : log_(log),
        partition_(partition),
        keys_(keys),
        snapshots_(snapshots),
        settings_(settings),
        now_(now),
        is_given_up_(is_given_up),
        end_(log.end(partition)) {}

  Hopefully<OwnedPartition> run() {
    const auto keys_from = keys_known_through();
    if (!keys_from) return std::unexpected(keys_from.error());
    // A snapshot that does not belong to this history shows itself only against the log. Then the
    // next older one is tried, and at last none.
    for (const Sequence sequence : snapshots_.list(partition_)) {
      if (sequence > end_) return beyond_the_end("the snapshots", {partition_, sequence}, end_);
      auto start = snapshot_at(sequence);
      if (!start) {
        pass_over(sequence, "cannot be read, or is damaged");
        continue;
      }
      auto recovered = from(std::move(*start), *keys_from);
      if (!recovered) return std::unexpected(recovered.error());
      if (*recovered) return std::move(**recovered);
      pass_over(sequence, "belongs to another history");
    }
    auto recovered = from(Start{std::make_unique<domain::PartitionState>(), {}}, *keys_from);
    if (!recovered) return std::unexpected(recovered.error());
    return std::move(**recovered);
  }

 private:
  struct Start {
    std::unique_ptr<domain::PartitionState> state;
    SnapshotHead snapshot;
  };

  void pass_over(Sequence sequence, std::string_view why) {
    facts_.passed_over.push_back("the snapshot at " +
                                 schema::to_text(Position{partition_, sequence}) + " " +
                                 std::string(why));
  }

  std::optional<Start> snapshot_at(Sequence sequence) {
    const auto frame = snapshots_.read({partition_, sequence});
    if (!frame) return std::nullopt;
    const auto snapshot = unframed(frame->bytes);
    if (!snapshot || snapshot->head.position != Position{partition_, sequence}) return std::nullopt;
    auto state = domain::read(snapshot->state);
    if (!state) return std::nullopt;
    return Start{std::make_unique<domain::PartitionState>(std::move(*state)), snapshot->head};
  }

  /// nullopt: the snapshot to be started from belongs to another history.
  Hopefully<std::optional<OwnedPartition>> from(Start start, Sequence keys_from) {
    const Sequence state_from = start.snapshot.position.sequence;
    const Sequence read_from = std::min(state_from, keys_from);
    OwnedPartition owned{.partition = partition_,
                         .state = std::move(start.state),
                         .decided = std::move(start.snapshot.decided)};
    if (const auto known = end_of(read_from); !known)
      return std::unexpected(known.error());
    else
      owned.end = *known;
    const auto belongs = [&] {
      return owned.end.sequence != state_from || state_from == Sequence{} ||
             owned.end.hash == start.snapshot.hash;
    };
    if (!belongs()) return std::nullopt;

    std::string last_cause;
    const auto cursor = log_.read_after({partition_, read_from});
    for (;;) {
      if (is_given_up_()) return given_up();
      const auto events = cursor->read(kReadBytes);
      if (!events) return unreadable(events.error());
      if (events->empty()) break;
      for (const event_log::StoredEvent& event : *events) {
        if (auto fits = take(event, owned, state_from, keys_from, last_cause); !fits)
          return std::unexpected(fits.error());
        if (!belongs()) return std::nullopt;
      }
      keys_.committed(std::array{Position{partition_, owned.end.sequence}}, owned.end.time);
    }
    if (owned.end.sequence != end_) return cut_short({partition_, owned.end.sequence.next()});
    owned.committed = owned.end.sequence;
    owned.snapshotted = state_from;
    owned.snapshot_begun = state_from;
    owned.snapshot_begun_at = now_;
    facts_.snapshot = state_from;
    owned.recovery = std::move(facts_);
    return owned;
  }

  Hopefully<void> take(const event_log::StoredEvent& stored, OwnedPartition& owned,
                       Sequence state_from, Sequence keys_from, std::string& last_cause) {
    if (stored.position != Position{partition_, owned.end.sequence.next()})
      return misfit({partition_, owned.end.sequence.next()}, "a sequence is missing");
    if (auto parsed = reader_.event(stored.value, envelope_, event_); !parsed)
      return misfit(stored.position, "the event cannot be read, " + parsed.error().detail);
    if (envelope_.position != stored.position)
      return misfit(stored.position, "the event names another position");
    if (envelope_.previous != owned.end.hash)
      return misfit(stored.position, "`prevhash` is not the hash of the event before");
    if (envelope_.time < owned.end.time) return misfit(stored.position, "time goes back");
    owned.end = {stored.position.sequence, sealing::sha256(stored.value), envelope_.time};
    ++facts_.events_read;

    // About the partition itself, whose number is its subject: no state, no command. How far
    // commands are decided, it says also by saying nothing: a copy begins anew.
    if (domain::is_of_the_partition(event_)) {
      if (stored.position.sequence > state_from) owned.decided = mark();
      return {};
    }
    if (stored.position.sequence > state_from) {
      const auto subject = schema::id_from_text<domain::SubjectId>(envelope_.subject);
      if (!subject) return misfit(stored.position, "the subject is no id");
      domain::evolve(*owned.state, *subject, event_, stored.position.sequence, envelope_.time);
      if (auto decided = mark()) owned.decided = std::move(decided);
    }
    if (stored.position.sequence > keys_from) remember(last_cause);
    return {};
  }

  /// What the event says of how far commands are decided.
  std::optional<CommandMark> mark() const {
    if (!envelope_.command_offset) return std::nullopt;
    return CommandMark{envelope_.command_log, *envelope_.command_offset};
  }

  /// A command's first event binds its key.
  void remember(std::string& last_cause) {
    if (envelope_.causation == last_cause) return;
    last_cause = envelope_.causation;
    // What came too late binds nothing: the next event may be the outcome of the same command's
    // retry.
    if (domain::is_too_late(event_)) last_cause.clear();
    const auto identity = schema::command_identity_from_text(envelope_.causation);
    if (!identity || last_cause.empty()) return;
    keys_.remember({identity->id, identity->tag, envelope_.position}, envelope_.time);
  }

  /// Where the chain stands after `sequence`.
  Hopefully<ChainEnd> end_of(Sequence sequence) {
    if (sequence == Sequence{}) return ChainEnd{};
    const auto value = read(sequence);
    if (!value) return std::unexpected(value.error());
    return ChainEnd{sequence, sealing::sha256(*value), envelope_.time};
  }

  /// The bytes at `sequence`, also read into `envelope_` and `event_`.
  Hopefully<std::string> read(Sequence sequence) {
    const Position position{partition_, sequence};
    auto value = log_.at(position);
    if (!value) return unreadable(value.error());
    if (!*value) return misfit(position, "the event is missing");
    (*value)->reserve((*value)->size() + schema::kPadding);
    if (auto parsed = reader_.event(**value, envelope_, event_); !parsed)
      return misfit(position, "the event cannot be read, " + parsed.error().detail);
    return std::move(**value);
  }

  /// The last sequence whose key is known, or binds none anymore: behind it events are read.
  Hopefully<Sequence> keys_known_through() {
    const Sequence known = keys_.known_through(partition_);
    if (known > end_) return beyond_the_end("the idempotency keys", {partition_, known}, end_);
    const auto through = known == end_ ? Hopefully<Sequence>(known) : gathered_through(known);
    if (!through) return through;
    const auto there = end_of(*through);
    if (!there) return std::unexpected(there.error());
    keys_.begin_after({partition_, *through}, there->time);
    return through;
  }

  Hopefully<Sequence> gathered_through(Sequence known) {
    const auto wanted = wanted_keys(known);
    if (!wanted) return std::unexpected(wanted.error());
    const auto [through, keys] = keys_.gather(*wanted);
    if (is_given_up_()) return given_up();
    if (through > end_) return beyond_the_end("the idempotency keys", {partition_, through}, end_);
    facts_.keys_gathered = keys;
    if (through > known) return through;
    return window_begin(known, wanted->horizon);
  }

  /// The window is reckoned from the last event, lest a clock that is ahead make us forget.
  Hopefully<KeyMemory::Wanted> wanted_keys(Sequence known) {
    const auto last = end_of(end_);
    if (!last) return std::unexpected(last.error());
    const auto there = end_of(known);
    if (!there) return std::unexpected(there.error());
    return KeyMemory::Wanted{.partition = partition_,
                             .known = known,
                             .known_at = there->time,
                             .horizon = last->time - settings_.key_window,
                             .end = end_,
                             .is_given_up = is_given_up_};
  }

  /// The last sequence behind `low` that lies before the window, or `low`. Times never go back in a
  /// partition, so it is found by halving.
  Hopefully<Sequence> window_begin(Sequence low, Instant horizon) {
    Sequence high = end_;
    while (low < high) {
      const Sequence middle{low.value + (high.value - low.value + 1) / 2};
      const auto value = read(middle);
      if (!value) return std::unexpected(value.error());
      if (envelope_.time <= horizon)
        low = middle;
      else
        high = {middle.value - 1};
    }
    return low;
  }

  event_log::Log& log_;
  const Partition partition_;
  KeyMemory& keys_;
  SnapshotStore& snapshots_;
  const Settings& settings_;
  const Instant now_;
  const std::function<bool()>& is_given_up_;
  const Sequence end_;
  schema::Reader reader_;
  schema::Envelope envelope_;
  schema::Event event_;
  RecoveryFacts facts_;
};

}  // namespace

std::expected<OwnedPartition, RecoveryError> recover(event_log::Log& log, Partition partition,
                                                     KeyMemory& keys, SnapshotStore& snapshots,
                                                     const Settings& settings, Instant now,
                                                     const std::function<bool()>& is_given_up) {
  return Recovery(log, partition, keys, snapshots, settings, now, is_given_up).run();
}

}  // namespace boxoffice::processor
