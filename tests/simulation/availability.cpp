#include "tests/simulation/availability.hpp"

#include "commands/domain/decision.hpp"

namespace boxoffice::simulation {

Availability::Availability(std::uint16_t partitions, event_log::Log& log)
    : log_(log), history_(partitions) {
  following_ = log.follow([this](const auto& batch) { followed_.push_back(batch); });
}

void Availability::apply() {
  for (const auto& batch : std::exchange(followed_, {})) {
    for (const event_log::CommittedEvent& event : batch->events) {
      const schema::Position position = event.envelope.position;
      auto& applied = history_[position.partition.value];
      if (applied.size() >= position.sequence.value) continue;
      if (applied.size() + 1 < position.sequence.value)
        read_up_to(position.partition, {position.sequence.value - 1});
      // What was missed may be hidden still; then so is this.
      if (applied.size() + 1 == position.sequence.value)
        take(position, event.envelope.subject, event.event);
    }
  }
}

void Availability::catch_up() {
  apply();
  for (std::uint16_t i = 0; i < history_.size(); ++i) read_up_to({i}, log_.end({i}));
}

void Availability::read_up_to(schema::Partition partition, schema::Sequence end) {
  auto& applied = history_[partition.value];
  const auto cursor = log_.read_after({partition, {applied.size()}});
  schema::Envelope envelope;
  schema::Event event;
  while (applied.size() < end.value) {
    const auto events = cursor->read(1u << 16);
    if (!events || events->empty()) return;
    for (const event_log::StoredEvent& stored : *events) {
      if (stored.position.sequence > end) return;
      if (!reader_.event(stored.value, envelope, event))
        throw Violation(schema::to_text(stored.position) + ": unreadable");
      take(stored.position, envelope.subject, event);
    }
  }
}

void Availability::take(schema::Position position, const std::string& subject,
                        const schema::Event& event) {
  const auto capacity_of = [](const schema::OccasionDetails& details) {
    std::int64_t capacity = 0;
    for (const schema::Pool& pool : details.pools) capacity += pool.capacity;
    return capacity;
  };
  Counts& counts = counts_[subject];
  const auto resize = [&](std::int64_t capacity) {
    counts.free += capacity - counts.capacity;
    counts.capacity = capacity;
  };
  std::visit(
      domain::Overloaded{
          [&](const schema::OccasionCreated& made) { resize(capacity_of(made.details)); },
          [&](const schema::OccasionChanged& changed) { resize(capacity_of(changed.details)); },
          [&](const schema::TicketClaimed&) { --counts.free, ++counts.claimed; },
          [&](const schema::ClaimConfirmed& confirmed) {
            if (!confirmed.repeated) --counts.claimed, ++counts.issued;
          },
          [&](const schema::ClaimReleased& released) {
            --(released.was == schema::LiveClaim::confirmed ? counts.issued : counts.claimed);
            ++counts.free;
          },
          [&](const schema::ClaimExpired& expired) {
            --counts.claimed;
            ++(expired.became == schema::ExpiredTicket::burned ? counts.burned : counts.free);
          },
          [](const auto&) {}},
      event);
  history_[position.partition.value].push_back(counts);
}

void Availability::check(const Historian& historian) const {
  for (std::uint16_t i = 0; i < history_.size(); ++i) {
    if (historian.end({i}).value != history_[i].size())
      throw Violation("the read model has not applied all of partition " + std::to_string(i));
    for (std::uint64_t n = 1; n <= history_[i].size(); ++n) {
      const Counts& counts = history_[i][n - 1];
      const schema::Position position{{i}, {n}};
      if (counts.free + counts.claimed + counts.issued + counts.burned != counts.capacity)
        throw Violation(schema::to_text(position) + ": availability does not add up");
      if (counts != historian.counts_at(position))
        throw Violation(schema::to_text(position) + ": the read model differs from history");
    }
  }
}

}  // namespace boxoffice::simulation
