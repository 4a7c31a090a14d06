#include "event-log/kafka/event_at.hpp"

#include "event-log/kafka/search.hpp"

namespace boxoffice::event_log::kafka {
namespace {

/// The event in its remembered place; nullopt if something else is there.
Result<std::optional<std::string>> read_place(Reader& probe, const Places::Place& place,
                                              Deadline deadline) {
  const Stretch stretch{
      .lane = {place.lane, place.position.partition}, .from = place.offset, .to = place.offset + 1};
  auto events = first_events(probe, std::span(&stretch, 1), deadline);
  if (!events) return std::unexpected(events.error());
  std::optional<Found>& event = events->front();
  if (!event || event->sequence != place.position.sequence) return std::nullopt;
  return std::move(event->value);
}

}  // namespace

Result<std::optional<std::string>> event_at(Cluster& cluster, Position position) {
  if (position.sequence.value == 0) return std::nullopt;
  const Deadline deadline = within(cluster.settings.read_timeout);
  const auto probe = cluster.probes.lend(std::span(&position.partition, 1));
  if (!probe) return std::unexpected(probe.error());
  if (const auto place = cluster.places.find(position)) {
    auto value = read_place(**probe, *place, deadline);
    if (!value || *value) return value;
  }

  KnownPartition& known = cluster.known(position.partition);
  const bool must_be = position.sequence <= cluster.end(position.partition);
  const auto ends =
      cluster.settled_ends(position.partition, must_be ? deadline : within(kPatience));
  if (!ends) return std::unexpected(ends.error());
  auto located =
      locate(**probe, position, known.marks.around(position.sequence), ends->offsets, deadline);
  if (!located) return std::unexpected(located.error());
  if (located->event) {
    const Places::Place place{position, static_cast<std::uint32_t>(located->lane),
                              located->event->offset};
    cluster.places.remember(std::span(&place, 1));
    if (!ends->is_pending) known.marks.remember(position.sequence, located->offsets);
    known.raise_end(position.sequence);
    return std::move(located->event->value);
  }
  if (must_be && ends->is_pending)
    return unavailable("event " + to_text(position) +
                       " may be in a transaction that is still open");
  if (must_be || (located->has_later && !ends->is_pending))
    return corrupt("event " + to_text(position) + " is missing: no topic has it");
  return std::nullopt;
}

}  // namespace boxoffice::event_log::kafka
