#include "replay-tools/copy/copy.hpp"

#include <utility>

#include "event-log/copy_mark.hpp"
#include "replay-tools/copy/destination.hpp"
#include "replay-tools/copy/live_keys.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::replay {
namespace {

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
      : from_(from), to_(to), destination_(to), settings_(settings) {}

  Hopefully<CopyReport> run() {
    if (auto done = compare(); !done) return std::unexpected(done.error());
    if (auto done = mark_unfinished(); !done) return std::unexpected(done.error());
    if (auto done = hold(); !done) return std::unexpected(done.error());
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
    copied.head = {};
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

  std::unexpected<CopyFault> other_history(Position position, const std::string& how) const {
    return finding("the destination has another history from " + schema::to_text(position) +
                   " on: " + how + "; " + (mark_.id.empty() ? "nothing" : "no event") +
                   " was written");
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
    auto found = event_log::copy_mark(to_);
    if (!found) return failure(kDestination, found.error());
    mark_before_ = std::move(*found);
    const bool goes_on = mark_before_ && mark_before_->state != CopyState::adopted;
    mark_ = {.state = CopyState::unfinished,
             .id = goes_on ? mark_before_->id : sealing::random_text(),
             .from = settings_.from};
    std::vector<KeyRecord> records = settings_.also;
    records.push_back(record_of(mark_));
    return append(std::move(records));
  }

  /// Fences whoever had the destination, and who looks for a reason finds the mark: nobody else
  /// appends from here on. What was appended until here, or is known of only now, for who appended
  /// it was killed in the midst of that, is compared once more.
  Hopefully<void> hold() {
    settings_.tell("holding the destination");
    for (CopiedPartition& copied : report_.partitions) {
      if (auto done = destination_.own(copied.partition); !done)
        return failure(kDestination, done.error());
      auto done = compare(copied);
      if (done) continue;
      if (done.error().kind == CopyFaultKind::finding) (void)let_go();
      return done;
    }
    return {};
  }

  /// It says of itself again what it said before.
  Hopefully<void> let_go() {
    KeyRecord before = record_of(mark_before_.value_or(CopyMark{}));
    if (!mark_before_) before.value.clear();
    return append({std::move(before)});
  }

  /// To what it says of itself.
  Hopefully<void> append(std::vector<KeyRecord> about) {
    event_log::Result<void> done;
    for (KeyRecord& record : about)
      if (done) done = destination_.put(std::move(record));
    if (done) done = destination_.flush();
    if (!done) return failure(kDestination, done.error());
    return {};
  }

  Hopefully<void> copy_events(CopiedPartition& copied) {
    const Partition partition = copied.partition;
    const Sequence end = ends_[partition.value];
    if (copied.head.sequence == end) return {};
    settings_.tell("copying " + schema::to_text({partition, copied.head.sequence.next()}) + " to " +
                   schema::to_text({partition, end}));
    if (auto owned = destination_.own(partition); !owned)
      return failure(kDestination, owned.error());
    Chain chain(partition, copied.head);
    const auto cursor = from_.read_after({partition, copied.head.sequence});
    while (chain.head().sequence < end) {
      const auto read = cursor->read(kReadBytes);
      if (!read) return failure(kSource, read.error());
      if (read->empty())
        return finding("the source ends at " + schema::to_text({partition, chain.head().sequence}) +
                       ", before its end " + schema::to_text({partition, end}));
      if (auto taken = take(*read, end, chain); !taken) return taken;
    }
    if (auto done = destination_.flush(); !done) return failure(kDestination, done.error());
    copied.copied = end.value - copied.head.sequence.value;
    copied.head = chain.head();
    return {};
  }

  /// Puts what was read, up to `end`, into the destination.
  Hopefully<void> take(std::span<const StoredEvent> read, Sequence end, Chain& chain) {
    for (const StoredEvent& stored : read) {
      if (chain.head().sequence == end) break;
      if (auto follows = chain.follow(stored); !follows)
        return finding(std::string(kSource) + " does not fit together at " + follows.error() +
                       "; run `boxoffice replay verify` on it");
      auto done = destination_.put(
          CommittedEvent{stored.topic, chain.envelope(), chain.event(), std::string(stored.value)});
      if (!done) return failure(kDestination, done.error());
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

  /// Puts the keys of `log` that are `wanted` into the destination, or destroys them there. How
  /// many they were.
  Hopefully<std::size_t> put_keys(Log& log, std::string_view side,
                                  const std::function<bool(const KeyRecord&)>& wanted,
                                  bool destroys) {
    std::size_t count = 0;
    event_log::Result<void> done;
    const auto read = log.read_keys([&](const KeyRecord& key) {
      if (!wanted(key)) return true;
      ++count;
      done = destination_.put({key.partition, key.name, destroys ? std::string() : key.value});
      return done.has_value();
    });
    if (!read) return failure(side, read.error());
    if (done) done = destination_.flush();
    if (!done) return failure(kDestination, done.error());
    return count;
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
    return append({record_of(mark_)});
  }

  Log& from_;
  Log& to_;
  Destination destination_;  // of `to_`
  const CopySettings& settings_;
  std::vector<Sequence> ends_;           // of the source, when the copy began; by partition
  std::optional<CopyMark> mark_before_;  // of the destination, as it was found
  CopyMark mark_;
  CopyReport report_;
};

}  // namespace

std::expected<CopyReport, CopyFault> copy_log(Log& from, Log& to, const CopySettings& settings) {
  return Copying(from, to, settings).run();
}

}  // namespace boxoffice::replay
