#include "event-log/kafka/kafka_cursor.hpp"

#include <algorithm>
#include <limits>

#include "event-log/kafka/probe.hpp"
#include "event-log/kafka/search.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::size_t kReadBytesMax = std::size_t{4} << 20;
/// Within this the markers of a commit that was just acknowledged are usually written and read.
constexpr std::chrono::milliseconds kSoon{50};

}  // namespace

Result<std::span<const StoredEvent>> KafkaCursor::read(std::size_t bytes_max) {
  bytes_max = std::clamp<std::size_t>(bytes_max, 1, kReadBytesMax);
  auto done = take_at_hand(bytes_max);
  const bool is_known_to_go_on = next_ <= cluster_.end(partition_);
  if (done && events_.empty() && (!saw_the_end_ || has_heads() || is_known_to_go_on))
    done = take_late(bytes_max);
  return taken(done);
}

Result<std::span<const StoredEvent>> KafkaCursor::read_at_hand(std::size_t bytes_max) {
  return taken(take_at_hand(std::clamp<std::size_t>(bytes_max, 1, kReadBytesMax)));
}

Result<void> KafkaCursor::take_at_hand(std::size_t bytes_max) {
  bytes_.clear();
  events_.clear();
  begins_.clear();
  places_.clear();
  if (!open_)
    if (auto begun = begin(); !begun) return begun;
  return take(bytes_max);
}

Result<std::span<const StoredEvent>> KafkaCursor::taken(const Result<void>& done) {
  // An error comes once the events before it were handed out, so that reading on loses none.
  if (!done && events_.empty()) {
    if (done.error().kind == LogErrorKind::unavailable) close();
    return std::unexpected(done.error());
  }
  remember();
  return std::span<const StoredEvent>(events_);
}

Result<void> KafkaCursor::begin() {
  if (left_at_) return open(*left_at_);
  const Deadline deadline = within(cluster_.settings.read_timeout);
  const Bracket bracket = cluster_.known(partition_).marks.around(next_);
  Offsets from = bracket.from;
  if (bracket.mark != next_ && next_.value > 1) {
    const auto ends = cluster_.settled_ends(partition_, within(kPatience));
    if (!ends) return std::unexpected(ends.error());
    if (ends->is_pending) begins_early_before_ = next_;
    const auto probe = cluster_.probes.lend(std::span(&partition_, 1));
    if (!probe) return std::unexpected(probe.error());
    const auto located = locate(**probe, {partition_, next_}, bracket, ends->offsets, deadline);
    if (!located) return std::unexpected(located.error());
    from = located->offsets;
  }
  return open(from);
}

Result<void> KafkaCursor::open(const Offsets& from) {
  auto reader = cluster_.readers.lend(std::span(&partition_, 1));
  if (!reader) return std::unexpected(reader.error());
  auto open = std::make_unique<Open>();
  open->reader = std::move(*reader);
  for (const Lane lane : event_lanes(partition_)) {
    Bell& bell = lent_bell_ ? *lent_bell_ : open->bell;
    auto stream = Stream::open(*open->reader, lane, from[lane.number], bell);
    if (!stream) return std::unexpected(stream.error());
    open->lanes.push_back({std::move(*stream), std::nullopt});
  }
  open_ = std::move(open);
  return {};
}

void KafkaCursor::close() {
  if (open_) left_at_ = offsets();
  open_.reset();
}

Result<void> KafkaCursor::take(std::size_t bytes_max) {
  while (bytes_.size() < bytes_max) {
    const auto taken = take_next();
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) break;
  }
  return {};
}

Result<bool> KafkaCursor::take_next() {
  for (std::size_t i = 0; i < kEventLanes; ++i) {
    const std::size_t number = (last_lane_ + i) % kEventLanes;
    Reading& lane = open_->lanes[number];
    const Record* head = lane.stream.head();
    if (head == nullptr) {
      if (lane.stream.error()) return std::unexpected(*lane.stream.error());
      continue;
    }
    if (!lane.head) {
      const auto sequence = sequence_of(*head, {number, partition_}, cluster_.topics[number]);
      if (!sequence) return std::unexpected(sequence.error());
      lane.head = *sequence;
    }
    if (*lane.head > next_) continue;
    if (begins_early_before_ && *lane.head < *begins_early_before_) {
      (void)lane.stream.take();
      lane.head.reset();
      --i;
      continue;
    }
    if (*lane.head < next_)
      return corrupt(cluster_.topics[number] + " has event " +
                     to_text(Position{partition_, *lane.head}) + " again, at offset " +
                     std::to_string(head->offset()));
    begins_.push_back(bytes_.size());
    bytes_.append(head->value());
    events_.push_back({.topic = static_cast<Topic>(number), .position = {partition_, next_}});
    places_.push_back({{partition_, next_}, static_cast<std::uint32_t>(number), head->offset()});
    (void)lane.stream.take();
    lane.head.reset();
    last_lane_ = number;
    next_ = next_.next();
    return true;
  }
  return false;
}

Result<void> KafkaCursor::take_late(std::size_t bytes_max) {
  const bool must_come = has_heads() || next_ <= cluster_.end(partition_);
  if (must_come && saw_the_end_) {
    Offsets never;
    never.fill(std::numeric_limits<std::int64_t>::max());
    const auto soon = wait_for(never, bytes_max, within(kSoon));
    if (!soon || !events_.empty()) return soon;
  }
  const Deadline deadline = within(cluster_.settings.read_timeout);
  const auto ends = cluster_.settled_ends(partition_, must_come ? deadline : within(kPatience));
  if (!ends) return std::unexpected(ends.error());
  const Offsets& to = ends->offsets;
  if (auto done = wait_for(to, bytes_max, deadline); !done || !events_.empty()) return done;
  if (has_heads() || must_come) {
    const bool is_read = std::ranges::all_of(open_->lanes, [&](Reading& lane) {
      const auto number = static_cast<std::size_t>(&lane - open_->lanes.data());
      return lane.stream.head() != nullptr || lane.stream.reached() >= to[number];
    });
    if (!is_read) return unavailable("no broker hands over records in time");
    return missing(ends->is_pending);
  }
  saw_the_end_ = true;
  return {};
}

Result<void> KafkaCursor::wait_for(const Offsets& ends, std::size_t bytes_max, Deadline deadline) {
  for (;;) {
    if (auto done = take(bytes_max); !done || !events_.empty()) return done;
    bool is_read = true;
    for (std::size_t lane = 0; lane < kEventLanes; ++lane)
      is_read =
          is_read && (open_->lanes[lane].head || open_->lanes[lane].stream.reached() >= ends[lane]);
    if (is_read || !bell().wait(deadline)) return {};
  }
}

Result<void> KafkaCursor::missing(bool is_pending) const {
  const std::string what = "event " + to_text(Position{partition_, next_});
  if (is_pending)
    return unavailable(what +
                       " may be in a transaction that is still open; it ends with the next "
                       "take-over of the partition");
  return corrupt(what +
                 " is missing: no topic has it, though later ones are there or it was "
                 "committed; restore the topics from a copy");
}

bool KafkaCursor::has_read(std::size_t lane, std::int64_t offset) {
  return open_ && open_->lanes[lane].stream.next_offset() >= offset;
}

bool KafkaCursor::has_heads() const {
  return std::ranges::any_of(open_->lanes,
                             [](const Reading& lane) { return lane.head.has_value(); });
}

void KafkaCursor::remember() {
  bytes_.append(schema::kPadding, '\0');
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const std::size_t end =
        i + 1 < events_.size() ? begins_[i + 1] : bytes_.size() - schema::kPadding;
    events_[i].value = std::string_view(bytes_).substr(begins_[i], end - begins_[i]);
  }
  if (events_.empty()) return;
  KnownPartition& known = cluster_.known(partition_);
  known.raise_end(events_.back().position.sequence);
  known.marks.remember(next_, offsets());
  cluster_.places.remember(places_);
}

Offsets KafkaCursor::offsets() {
  Offsets offsets;
  for (std::size_t lane = 0; lane < kEventLanes; ++lane)
    offsets[lane] = open_->lanes[lane].stream.next_offset();
  return offsets;
}

}  // namespace boxoffice::event_log::kafka
