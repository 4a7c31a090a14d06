#include "event-log/kafka/marks.hpp"

namespace boxoffice::event_log::kafka {

void Marks::remember(Sequence sequence, const Offsets& offsets) {
  const std::lock_guard lock(mutex_);
  const auto after = marks_.lower_bound(sequence);
  if (after != marks_.end() && after->first.value - sequence.value < spacing_) return;
  if (after != marks_.begin() && sequence.value - std::prev(after)->first.value < spacing_) return;
  marks_.emplace_hint(after, sequence, offsets);
  if (marks_.size() > kMarksMax) thin_out();
}

Bracket Marks::around(Sequence sequence) const {
  const std::lock_guard lock(mutex_);
  Bracket bracket;
  const auto after = marks_.upper_bound(sequence);
  if (after != marks_.begin()) {
    bracket.mark = std::prev(after)->first;
    bracket.from = std::prev(after)->second;
  }
  if (after != marks_.end()) bracket.to = after->second;
  return bracket;
}

void Marks::thin_out() {
  spacing_ *= 2;
  for (auto mark = marks_.begin(); mark != marks_.end();) {
    mark = marks_.erase(mark);
    if (mark != marks_.end()) ++mark;
  }
}

void Places::remember(std::span<const Place> places) {
  const std::lock_guard lock(mutex_);
  for (const Place& place : places) places_[slot(place.position)] = place;
}

std::optional<Places::Place> Places::find(Position position) const {
  const std::lock_guard lock(mutex_);
  const Place& place = places_[slot(position)];
  if (place.position != position) return std::nullopt;
  return place;
}

std::size_t Places::slot(Position position) {
  // A partition's neighbours do not push each other out; partitions start far from each other.
  return (position.sequence.value + position.partition.value * std::uint64_t{40'503}) % kPlaces;
}

}  // namespace boxoffice::event_log::kafka
