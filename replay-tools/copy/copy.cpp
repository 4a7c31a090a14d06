#include "replay-tools/copy/copy.hpp"

#include <map>
#include <utility>

#include "event-log/copy_mark.hpp"
#include "replay-tools/copy/live_keys.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::replay {
namespace {

using event_log::Batch;
using event_log::CommittedEvent;
using event_log::CopyMark;
using event_log::CopyState;
using event_log::KeyRecord;
using event_log::Log;
using event_log::StoredEvent;
using schema::Partition;
using schema::Position;
using schema::Sequence;

template <class T>
using Hopefully = std::expected<T, CopyFault>;

constexpr std::size_t kReadBytes = std::size_t{1} << 20;
/// What is appended at once, and what one read brings beyond it; one sync, or one transaction.
constexpr std::size_t kEventsAtOnce = 2000;
/// Of all partitions; those of one go together.
constexpr std::size_t kKeysAtOnce = 20'000;

std::unexpected<CopyFault> finding(std::string message) {
  return std::unexpected(CopyFault{CopyFaultKind::finding, std::move(message)});
}

std::unexpected<CopyFault> failure(std::string_view side, const event_log::LogError& error) {
  // What is damaged is found; what is out of reach may be there later.
  const auto kind = error.kind == event_log::LogErrorKind::corrupt ? CopyFaultKind::finding
                                                                   : CopyFaultKind::failure;
  return std::unexpected(CopyFault{kind, std::string(side) + ": " + error.message});
}

constexpr std::string_view kSource = "the source";
constexpr std::string_view kDestination = "the destination";

class Copying {
 public:
  Copying(Log& from, Log& to, const CopySettings& settings)
      : from_(from), to_(to), settings_(settings) {}

  Hopefully<CopyReport> run() {
    if (auto done = compare(); !done) return std::unexpected(done.error());
    if (auto done = mark_unfinished(); !done) return std::unexpected(done.error());
    for (CopiedPartition& copied : report_.partitions)
      if (auto done = copy_events(copied); !done) return std::unexpected(done.error());
    if (auto done = copy_keys(); !done) return std::unexpected(done.error());
    for (const CopiedPartition& copied : report_.partitions)
      if (auto done = verify(copied); !done) return std::unexpected(done.error());
    if (auto done = finish(); !done) return std::unexpected(done.error());
    return std::move(report_);
  }

 private:
  /// Whether the destination can be gone on with, before anything is written.
  Hopefully<void> compare() {
    const auto mark = event_log::copy_mark(from_);
    if (!mark) return failure(kSource, mark.error());
    if (*mark && (*mark)->state == CopyState::unfinished)
      return finding("the source is an unfinished copy itself: finish that first");
    if (from_.partitions() != to_.partitions())
      return finding("the destination has " + std::to_string(to_.partitions()) +
                     " partitions, and the source " + std::to_string(from_.partitions()));
    if (from_.deployment() != to_.deployment())
      return finding("the destination is the log of " + std::string(to_.deployment()) +
                     ", and the source that of " + std::string(from_.deployment()));
    for (std::uint16_t i = 0; i < from_.partitions(); ++i) {
      report_.partitions.push_back({.partition = {i}, .head = {}});
      ends_.push_back(from_.end({i}));
      if (auto done = compare(report_.partitions.back()); !done) return done;
    }
    return {};
  }

  Hopefully<void> compare(CopiedPartition& copied) {
    const Partition partition = copied.partition;
    const Sequence there = to_.end(partition);
    if (there == Sequence{}) return {};
    const auto last = std::min(there, ends_[partition.value]);
    const auto differs = is_different(Position{partition, last});
    if (!differs) return std::unexpected(differs.error());
    if (*differs) return first_difference(partition, last);
    if (there > last)
      return other_history(Position{partition, last.next()},
                           "the source has no such event, and the destination has");
    const auto value = event(to_, kDestination, {partition, there});
    if (!value) return std::unexpected(value.error());
    copied.head = {there, sealing::sha256(*value)};
    return {};
  }

  /// Each event names the hash of the one before, so two histories that agree somewhere agree in
  /// all before it, and the first difference is found by halving.
  Hopefully<void> first_difference(Partition partition, Sequence differs_at) {
    Sequence same{}, different = differs_at;
    while (same.next() < different) {
      const Sequence middle{same.value + (different.value - same.value) / 2};
      const auto differs = is_different(Position{partition, middle});
      if (!differs) return std::unexpected(differs.error());
      (*differs ? different : same) = middle;
    }
    return other_history(Position{partition, different}, "the two differ there first");
  }

  static std::unexpected<CopyFault> other_history(Position position, const std::string& how) {
    return finding("the destination has another history from " + schema::to_text(position) +
                   " on: " + how + "; nothing was written");
  }

  Hopefully<bool> is_different(Position position) {
    if (position.sequence == Sequence{}) return false;
    const auto here = event(from_, kSource, position);
    if (!here) return std::unexpected(here.error());
    const auto there = event(to_, kDestination, position);
    if (!there) return std::unexpected(there.error());
    return *here != *there;
  }

  static Hopefully<std::string> event(Log& log, std::string_view side, Position position) {
    auto value = log.at(position);
    if (!value) return failure(side, value.error());
    if (!*value)
      return finding(std::string(side) + " has no event " + schema::to_text(position) +
                     ", though later ones are there");
    return std::move(**value);
  }

  Hopefully<void> mark_unfinished() {
    const auto found = event_log::copy_mark(to_);
    if (!found) return failure(kDestination, found.error());
    const bool goes_on = *found && (*found)->state != CopyState::adopted;
    mark_ = {.state = CopyState::unfinished,
             .id = goes_on ? (*found)->id : sealing::random_text(),
             .from = settings_.from};
    std::vector<KeyRecord> records = settings_.also;
    records.push_back(record_of(mark_));
    return append_keys({0}, std::move(records));
  }

  Hopefully<void> append_keys(Partition partition, std::vector<KeyRecord> keys) {
    auto batch = std::make_shared<Batch>();
    batch->keys = std::move(keys);
    return append(partition, std::move(batch));
  }

  Hopefully<void> append(Partition partition, std::shared_ptr<const Batch> batch) {
    if (auto owned = own(partition); !owned) return owned;
    if (auto done = writer_->append(std::move(batch)); !done)
      return failure(kDestination, done.error());
    return {};
  }

  /// One partition at a time: on a cluster each costs two producers.
  Hopefully<void> own(Partition partition) {
    if (writer_ && owned_ == partition) return {};
    writer_.reset();
    auto writer = to_.take_over(std::span(&partition, 1));
    if (!writer) return failure(kDestination, writer.error());
    writer_ = std::move(*writer);
    owned_ = partition;
    return {};
  }

  Hopefully<void> copy_events(CopiedPartition& copied) {
    const Partition partition = copied.partition;
    const Sequence end = ends_[partition.value];
    if (copied.head.sequence == end) return {};
    settings_.tell("copying " + schema::to_text({partition, copied.head.sequence.next()}) + " to " +
                   schema::to_text({partition, end}));
    if (auto owned = own(partition); !owned) return owned;
    if (to_.end(partition) != copied.head.sequence)
      return finding("somebody else writes to the destination: partition " +
                     std::to_string(partition.value) + " has grown meanwhile");
    Chain chain(partition, copied.head);
    std::vector<CommittedEvent> events;
    const auto cursor = from_.read_after({partition, copied.head.sequence});
    while (chain.head().sequence < end) {
      const auto read = cursor->read(kReadBytes);
      if (!read) return failure(kSource, read.error());
      if (read->empty())
        return finding("the source ends at " + schema::to_text({partition, chain.head().sequence}) +
                       ", before its end " + schema::to_text({partition, end}));
      if (auto taken = take(*read, end, chain, events); !taken) return taken;
      const bool is_last = chain.head().sequence == end;
      if (!is_last && events.size() < kEventsAtOnce) continue;
      auto batch = std::make_shared<Batch>();
      batch->events = std::exchange(events, {});
      if (auto done = append(partition, std::move(batch)); !done) return done;
    }
    copied.copied = end.value - copied.head.sequence.value;
    copied.head = chain.head();
    return {};
  }

  /// Adds what was read, up to `end`, to `events`.
  static Hopefully<void> take(std::span<const StoredEvent> read, Sequence end, Chain& chain,
                              std::vector<CommittedEvent>& events) {
    for (const StoredEvent& stored : read) {
      if (chain.head().sequence == end) break;
      if (auto follows = chain.follow(stored); !follows)
        return finding(std::string(kSource) + " does not fit together at " + follows.error() +
                       "; run `boxoffice replay verify` on it");
      events.push_back({stored.topic, chain.envelope(), chain.event(), std::string(stored.value)});
    }
    return {};
  }

  Hopefully<void> copy_keys() {
    settings_.tell("comparing wrapped keys");
    const auto here = LiveKeys::of(from_);
    if (!here) return failure(kSource, here.error());
    const auto there = LiveKeys::of(to_);
    if (!there) return failure(kDestination, there.error());
    report_.keys = here->size();
    if (*here == *there) return {};

    const auto missing = [&](const KeyRecord& key) { return here->has(key) && !there->has(key); };
    const auto put = put_keys(from_, kSource, missing, false);
    if (!put) return std::unexpected(put.error());
    const auto gone = [&](const KeyRecord& key) { return there->has(key) && !here->has_name(key); };
    const auto destroyed = put_keys(to_, kDestination, gone, true);
    if (!destroyed) return std::unexpected(destroyed.error());
    report_.keys_copied = *put;
    report_.keys_destroyed = *destroyed;

    const auto now = LiveKeys::of(to_);
    if (!now) return failure(kDestination, now.error());
    if (*now != *here)
      return finding(
          "the destination has other wrapped keys than the source, though they were "
          "copied; somebody else writes to it");
    return {};
  }

  /// In a directory those of all partitions take turns; here each partition's stand together.
  using KeysByPartition = std::map<Partition, std::vector<KeyRecord>>;

  /// Puts the keys of `log` that are `wanted` into the destination, or destroys them there. How
  /// many they were.
  Hopefully<std::size_t> put_keys(Log& log, std::string_view side,
                                  const std::function<bool(const KeyRecord&)>& wanted,
                                  bool destroys) {
    std::size_t count = 0;
    KeysByPartition keys;
    Hopefully<void> done;
    const auto read = log.read_keys([&](const KeyRecord& key) {
      if (!wanted(key)) return true;
      keys[key.partition].push_back(
          {key.partition, key.name, destroys ? std::string() : key.value});
      if (++count % kKeysAtOnce == 0) done = append_all(keys);
      return done.has_value();
    });
    if (!read) return failure(side, read.error());
    if (done) done = append_all(keys);
    if (!done) return std::unexpected(done.error());
    return count;
  }

  Hopefully<void> append_all(KeysByPartition& keys) {
    for (auto& [partition, records] : std::exchange(keys, {}))
      if (auto done = append_keys(partition, std::move(records)); !done) return done;
    return {};
  }

  /// All of the chain, on both sides: what was copied before, too.
  Hopefully<void> verify(const CopiedPartition& copied) {
    if (copied.head.sequence == Sequence{}) return {};
    settings_.tell("verifying both chains of partition " + std::to_string(copied.partition.value));
    for (auto& [log, side] : {std::pair{&from_, kSource}, std::pair{&to_, kDestination}}) {
      const auto head = head_of(*log, side, {copied.partition, copied.head.sequence});
      if (!head) return std::unexpected(head.error());
      if (*head != copied.head)
        return finding(std::string(side) + " has another event " +
                       schema::to_text({copied.partition, copied.head.sequence}) +
                       " now than was copied");
    }
    return {};
  }

  static Hopefully<ChainHead> head_of(Log& log, std::string_view side, Position last) {
    Chain chain(last.partition);
    const auto cursor = log.read_after({last.partition, {}});
    while (chain.head().sequence < last.sequence) {
      const auto events = cursor->read(kReadBytes);
      if (!events) return failure(side, events.error());
      if (events->empty())
        return finding(std::string(side) + " ends before " + schema::to_text(last));
      for (const StoredEvent& stored : *events) {
        if (chain.head().sequence == last.sequence) break;
        if (auto follows = chain.follow(stored); !follows)
          return finding(std::string(side) + " does not fit together at " + follows.error());
      }
    }
    return chain.head();
  }

  Hopefully<void> finish() {
    const auto at_rest = settings_.is_at_rest();
    if (!at_rest) return failure(kSource, at_rest.error());
    report_.is_whole = *at_rest;
    if (!report_.is_whole) return {};
    mark_.state = CopyState::whole;
    return append_keys({0}, {record_of(mark_)});
  }

  Log& from_;
  Log& to_;
  const CopySettings& settings_;
  std::vector<Sequence> ends_;                 // of the source, when the copy began; by partition
  std::unique_ptr<event_log::Writer> writer_;  // of `owned_`
  Partition owned_;
  CopyMark mark_;
  CopyReport report_;
};

}  // namespace

std::expected<CopyReport, CopyFault> copy_log(Log& from, Log& to, const CopySettings& settings) {
  return Copying(from, to, settings).run();
}

}  // namespace boxoffice::replay
