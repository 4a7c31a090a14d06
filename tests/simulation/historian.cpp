#include "tests/simulation/historian.hpp"

#include "commands/domain/partition.hpp"
#include "sealing/sealing.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

Historian::Historian(std::uint16_t partitions, schema::Milliseconds key_window)
    : key_window_(key_window), stories_(partitions) {}

void Historian::read(event_log::Log& log) {
  for (std::uint16_t i = 0; i < stories_.size(); ++i) {
    const auto cursor = log.read_after({{i}, end({i})});
    for (;;) {
      const auto events = cursor->read(1u << 20);
      if (!events && events.error().kind == event_log::LogErrorKind::corrupt)
        throw Violation(events.error().message);
      if (!events || events->empty()) break;
      for (const event_log::StoredEvent& event : *events) take(event);
    }
  }
}

void Historian::take(const event_log::StoredEvent& stored) {
  Recorded read{.value = std::string(stored.value)};
  if (const auto parsed = reader_.event(stored.value, read.envelope, read.event); !parsed)
    throw Violation(schema::to_text(stored.position) + ": unreadable: " + parsed.error().detail);
  Story& story = stories_[stored.position.partition.value];
  check_order(story, read, stored.position);
  check_cause(read);
  switch (schema::topic_of(read.event)) {
    case schema::Topic::occasions:
    case schema::Topic::claims:
      occasion_rules_.take(read);
      break;
    case schema::Topic::accounts:
      key_rules_.take(read);
      break;
    default:
      break;
  }
  story.hash = sealing::sha256(read.value);
  story.time = read.envelope.time;
  story.events.push_back(std::move(read));
  ++events_;
}

void Historian::check_order(const Story& story, const Recorded& event,
                            schema::Position stored_at) const {
  const schema::Envelope& envelope = event.envelope;
  demand(envelope.position == stored_at, stored_at, "the envelope names another position");
  demand(stored_at.sequence.value == story.events.size() + 1, stored_at, "a sequence is missing");
  demand(envelope.previous == story.hash, stored_at, "the chain is broken");
  demand(envelope.time >= story.time, stored_at, "time went back");
}

void Historian::check_cause(const Recorded& event) {
  const schema::Envelope& envelope = event.envelope;
  const schema::Position here = event.position();
  if (domain::is_of_the_partition(event.event)) {
    demand(envelope.subject == std::to_string(here.partition.value), here,
           "what concerns a partition is about something else");
    demand(envelope.causation.empty() && envelope.actor.empty() && !envelope.received, here,
           "somebody asked for what concerns a partition");
    return;
  }
  const auto identity = schema::command_identity_from_text(envelope.causation);
  if (!identity) {
    demand(schema::position_from_event_id(envelope.causation).has_value(), here,
           "an event has no cause");
    demand(envelope.actor.empty() && envelope.correlation.empty() && !envelope.received, here,
           "a timer's event names a caller");
    return;
  }
  const Decision decision{here, envelope.time, domain::is_too_late(event.event)};
  const auto [earlier, is_first] = decided_.try_emplace(identity->id, decision);
  if (is_first) return;
  const bool forgotten = envelope.time >= earlier->second.time + key_window_;
  if (!earlier->second.too_late && !forgotten)
    throw Violation(schema::to_text(here) + ": the command was decided at " +
                    schema::to_text(earlier->second.first) + " already");
  earlier->second = decision;
}

schema::Sequence Historian::end(schema::Partition partition) const {
  return {stories_[partition.value].events.size()};
}

const Recorded& Historian::at(schema::Position position) const {
  return stories_[position.partition.value].events.at(position.sequence.value - 1);
}

}  // namespace boxoffice::simulation
