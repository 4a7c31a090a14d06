#include "event-log/kafka/search.hpp"

#include <algorithm>

namespace boxoffice::event_log::kafka {
namespace {

/// One lane's search: all before `from` is smaller than what is sought, all from `to` on is not.
struct Halving {
  std::int64_t from;
  std::int64_t to;

  bool is_done() const { return from >= to; }
  std::int64_t middle() const { return from + (to - from) / 2; }
  void take(std::int64_t middle, const std::optional<Found>& event, Sequence sought) {
    if (event && event->sequence < sought)
      from = event->offset + 1;
    else
      to = middle;
  }
};

}  // namespace

Result<Located> locate(Reader& reader, Position position, const Bracket& bracket,
                       const Offsets& ends, Deadline deadline) {
  std::vector<Halving> lanes;
  for (std::size_t lane = 0; lane < kEventLanes; ++lane)
    lanes.push_back({.from = bracket.from[lane],
                     .to = bracket.to ? std::min((*bracket.to)[lane], ends[lane]) : ends[lane]});
  Located located;
  while (!std::ranges::all_of(lanes, &Halving::is_done)) {
    std::vector<Stretch> stretches;
    std::vector<std::size_t> numbers;
    for (std::size_t lane = 0; lane < kEventLanes; ++lane) {
      if (lanes[lane].is_done()) continue;
      stretches.push_back({{lane, position.partition}, lanes[lane].middle(), lanes[lane].to});
      numbers.push_back(lane);
    }
    auto events = first_events(reader, stretches, deadline);
    if (!events) return std::unexpected(events.error());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      std::optional<Found>& event = (*events)[i];
      lanes[numbers[i]].take(stretches[i].from, event, position.sequence);
      located.has_later |= event && event->sequence > position.sequence;
      if (!event || event->sequence != position.sequence) continue;
      located.event = std::move(event);
      located.lane = numbers[i];
    }
  }
  for (std::size_t lane = 0; lane < kEventLanes; ++lane) located.offsets[lane] = lanes[lane].to;
  return located;
}

}  // namespace boxoffice::event_log::kafka
