#include "commands/processor/outcome_reader.hpp"

#include "events-schema/codec.hpp"

namespace boxoffice::processor {

OutcomeReader::OutcomeReader(event_log::Log& log) : log_(log) {}

std::expected<Outcome, std::string> OutcomeReader::read(schema::Position first) {
  auto batch = std::make_shared<Batch>();
  // Not by asking for what is behind the end: on a cluster that is a search.
  const schema::Sequence end = log_.end(first.partition);
  for (schema::Position at = first; at.sequence <= end; at.sequence = at.sequence.next()) {
    const auto there = append(at, *batch);
    if (!there) return std::unexpected(there.error());
    if (!*there) break;
    const std::string& cause = batch->events.front().envelope.causation;
    if (batch->events.back().envelope.causation != cause) {
      batch->events.pop_back();
      break;
    }
  }
  if (batch->events.empty())
    return std::unexpected("the event at " + schema::to_text(first) + " is not readable yet");
  const std::size_t count = batch->events.size();
  return Outcome{.batch = std::move(batch), .first = 0, .count = count, .repeated = true};
}

std::expected<bool, std::string> OutcomeReader::append(schema::Position position, Batch& into) {
  auto value = log_.at(position);
  if (!value) return std::unexpected(value.error().message);
  if (!*value) return false;
  event_log::CommittedEvent& event = into.events.emplace_back();
  event.value = std::move(**value);
  event.value.reserve(event.value.size() + schema::kPadding);
  if (const auto parsed = reader_.event(event.value, event.envelope, event.event); !parsed)
    return std::unexpected("the event at " + schema::to_text(position) +
                           " cannot be read: " + parsed.error().detail);
  event.topic = schema::topic_of(event.event);
  return true;
}

}  // namespace boxoffice::processor
