#include "commands/processor/travelling_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace boxoffice::processor {

using event_log::SideRecord;
using schema::Instant;
using schema::Position;
using schema::Sequence;

TravellingKeys::TravellingKeys(KeyMemory& inner, event_log::SideTopic& topic,
                               schema::Partition partition, std::string_view deployment,
                               OnTrouble on_trouble, Settings settings)
    : inner_(inner),
      topic_(topic),
      partition_(partition),
      deployment_(deployment),
      on_trouble_(std::move(on_trouble)),
      settings_(settings),
      sending_(topic.send_to(partition)) {}

TravellingKeys::TravellingKeys(KeyMemory& inner, event_log::SideTopic& topic,
                               schema::Partition partition, std::string_view deployment,
                               OnTrouble on_trouble)
    : TravellingKeys(inner, topic, partition, deployment, std::move(on_trouble), Settings{}) {}

void TravellingKeys::restart() {
  inner_.restart();
  begun_ = false;
  rows_.clear();
  committed_ = 0;
}

Sequence TravellingKeys::known_through(schema::Partition partition) {
  const Sequence known = inner_.known_through(partition);
  if (known == Sequence{}) return known;
  const Sequence sent = sent_through();
  const bool has_gap = sent < known && known.value - sent.value <= settings_.shown_again_max;
  return has_gap ? sent : known;
}

/// As far as the topic's last run tells.
Sequence TravellingKeys::sent_through() {
  Sequence through;
  const auto range = topic_.range(partition_);
  if (!range) {
    tell(range.error());
    return through;
  }
  if (range->first == range->end) return through;
  const auto done =
      topic_.read(partition_, range->end - 1, range->end, [&](const SideRecord& record) {
        if (const auto run = read_key_run(record.value, deployment_))
          through = run->stretch.through;
        return false;
      });
  if (!done) tell(done.error());
  return through;
}

KeyMemory::Gathered TravellingKeys::gather(const Wanted& wanted) {
  Gathered gathered{.through = wanted.known};
  const auto first = topic_.first_at(partition_, std::max(wanted.known_at, wanted.horizon));
  if (!first) {
    tell(first.error());
    return gathered;
  }
  const auto range = topic_.range(partition_);
  if (!range) {
    tell(range.error());
    return gathered;
  }
  Sequence behind_a_gap;
  std::size_t of_no_use = 0;
  const auto done = topic_.read(partition_, *first, range->end, [&](const SideRecord& record) {
    const auto run = read_key_run(record.value, deployment_);
    if (!run)
      ++of_no_use;
    else if (!take(*run, wanted, gathered))
      behind_a_gap = std::max(behind_a_gap, run->stretch.through);
    return gathered.through <= wanted.end && !wanted.is_given_up();
  });
  if (wanted.is_given_up()) return gathered;
  if (!done) tell(done.error());
  // A gap may have been closed by what was sent after it.
  if (of_no_use > 0 || behind_a_gap > gathered.through)
    on_trouble_("not all idempotency keys of partition " + std::to_string(partition_.value) +
                " have travelled (" + std::to_string(of_no_use) +
                " runs are damaged or of another deployment): the events behind " +
                schema::to_text(Position{partition_, gathered.through}) + " are read instead");
  return gathered;
}

/// False: it does not continue what is known.
bool TravellingKeys::take(const KeyRun& run, const Wanted& wanted, Gathered& gathered) {
  const KeyStretch& stretch = run.stretch;
  // What lies before the window need not be known.
  const bool continues = stretch.from <= gathered.through || stretch.from_at <= wanted.horizon;
  if (stretch.partition != partition_ || !continues) return false;
  if (stretch.through <= gathered.through) return true;
  const Sequence reached = std::exchange(gathered.through, stretch.through);
  if (stretch.through > wanted.end) return true;
  for_each_key(run, [&](const BoundKey& key, Instant decided) {
    if (key.position.sequence <= reached || decided <= wanted.horizon) return;
    inner_.remember(key, decided);
    ++gathered.keys;
  });
  inner_.committed(std::array{Position{partition_, stretch.through}}, stretch.through_at);
  return true;
}

void TravellingKeys::begin_after(Position position, Instant time) {
  inner_.begin_after(position, time);
  begun_ = true;
  sent_at_ = time;
  unsent_ = {.partition = partition_,
             .from = position.sequence,
             .through = position.sequence,
             .from_at = time,
             .through_at = time};
}

std::expected<std::optional<BoundKey>, std::string> TravellingKeys::find(
    const schema::CommandId& id) {
  return inner_.find(id);
}

void TravellingKeys::prefetch(const schema::CommandId& id) const { inner_.prefetch(id); }

bool TravellingKeys::has_room(Instant now) { return inner_.has_room(now); }

void TravellingKeys::remember(const BoundKey& key, Instant decided) {
  inner_.remember(key, decided);
  if (!begun_) return;
  append_row(rows_, key, decided);
  unsent_.through_at = std::max(unsent_.through_at, decided);
}

void TravellingKeys::committed(std::span<const Position> through, Instant now) {
  inner_.committed(through, now);
  if (!begun_) return;
  committed_ = rows_.size();
  for (const Position& position : through)
    if (position.partition == partition_)
      unsent_.through = std::max(unsent_.through, position.sequence);
  unsent_.through_at = std::max(unsent_.through_at, now);
  const std::size_t keys = committed_ / kKeyRowBytes;
  const bool it_is_time = now - sent_at_ >= settings_.run_interval;
  if (unsent_.through == unsent_.from || (keys < settings_.run_keys && !it_is_time)) return;
  sent_at_ = now;
  send_unsent({});
  if (committed_ / kKeyRowBytes > settings_.unsent_keys_max) drop_unsent();
}

/// In records of bounded size: one ends before the event that bound the next one's first key, so
/// that no command's events are torn apart.
void TravellingKeys::send_unsent(std::chrono::milliseconds patience) {
  std::size_t sent = 0;
  while (unsent_.from < unsent_.through) {
    const std::size_t bytes = std::min(settings_.record_keys_max * kKeyRowBytes, committed_ - sent);
    const std::string_view rows = std::string_view(rows_).substr(sent, bytes);
    KeyStretch stretch = unsent_;
    if (sent + bytes < committed_)
      stretch.through = {sequence_of_row(std::string_view(rows_).substr(sent + bytes)).value - 1};
    const std::string run = key_run(deployment_, stretch, rows);
    if (!sending_->send(run, stretch.through_at, patience)) break;
    sent_any_ = true;
    sent += bytes;
    unsent_.from = stretch.through;
    unsent_.from_at = stretch.through_at;
  }
  rows_.erase(0, sent);
  committed_ -= sent;
}

void TravellingKeys::drop_unsent() {
  on_trouble_("as many idempotency keys of partition " + std::to_string(partition_.value) +
              " could not be sent as may wait: whoever takes it over on another machine reads "
              "the events behind " +
              schema::to_text(Position{partition_, unsent_.from}));
  rows_.erase(0, committed_);
  committed_ = 0;
  unsent_.from = unsent_.through;
  unsent_.from_at = unsent_.through_at;
}

void TravellingKeys::save(Instant now) {
  if (begun_) send_unsent(settings_.stop_patience);
  if (std::exchange(sent_any_, false))
    if (const auto settled = sending_->settle(settings_.stop_patience); !settled)
      tell(settled.error());
  inner_.save(now);
}

std::size_t TravellingKeys::size() const { return inner_.size(); }

void TravellingKeys::tell(const event_log::LogError& error) {
  on_trouble_("idempotency keys of partition " + std::to_string(partition_.value) +
              " on their way: " + error.message);
}

}  // namespace boxoffice::processor
