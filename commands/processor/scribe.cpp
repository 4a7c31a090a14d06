#include "commands/processor/scribe.hpp"

#include "commands/processor/monotonic.hpp"
#include "event-log/require.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::processor {

using event_log::CommittedEvent;

Scribe::Scribe(std::string_view deployment) : source_("boxoffice:" + std::string(deployment)) {}

bool Scribe::write(domain::Decision&& decision, Origin&& origin, schema::Instant time,
                   schema::Partition partition, ChainEnd& end, event_log::Batch& batch) {
  const ChainEnd before = end;
  const std::size_t first = batch.events.size();
  measured = {};
  for (std::size_t i = 0; i < decision.size(); ++i) {
    domain::Decided& decided = decision[i];
    CommittedEvent& event = begin(std::move(decided.event), time, partition, end, batch);
    schema::Envelope& envelope = event.envelope;
    envelope.subject = schema::to_text(decided.subject);
    if (decided.armed_by) {
      envelope.causation = schema::event_id({partition, *decided.armed_by});
    } else {
      const bool last = i + 1 == decision.size();
      envelope.received = origin.received;
      envelope.command_offset = origin.command_offset;
      if (origin.command_offset) envelope.command_log = origin.command_log;
      envelope.causation = last ? std::move(origin.causation) : origin.causation;
      envelope.correlation = last ? std::move(origin.correlation) : origin.correlation;
      envelope.traceparent = last ? std::move(origin.traceparent) : origin.traceparent;
      envelope.actor = last ? std::move(origin.actor) : origin.actor;
    }

    if (!finish(event, end)) {
      batch.events.resize(first);
      end = before;
      return false;
    }
  }
  return true;
}

void Scribe::write(schema::Event&& event, const CommandMark& decided, schema::Instant time,
                   schema::Partition partition, ChainEnd& end, event_log::Batch& batch) {
  measure = false;
  CommittedEvent& written = begin(std::move(event), time, partition, end, batch);
  written.envelope.subject = std::to_string(partition.value);
  written.envelope.command_offset = decided.offset;
  written.envelope.command_log = decided.log;
  event_log::require(finish(written, end), "what concerns a partition is short");
}

CommittedEvent& Scribe::begin(schema::Event&& event, schema::Instant time,
                              schema::Partition partition, const ChainEnd& end,
                              event_log::Batch& batch) const {
  CommittedEvent& begun = batch.events.emplace_back();
  begun.topic = schema::topic_of(event);
  begun.event = std::move(event);
  begun.envelope.position = {partition, end.sequence.next()};
  begun.envelope.source = source_;
  begun.envelope.time = time;
  begun.envelope.previous = end.hash;
  return begun;
}

bool Scribe::finish(CommittedEvent& event, ChainEnd& end) {
  const std::uint64_t begun = measure ? now_ns() : 0;
  bytes_.clear();
  schema::write_event(bytes_, event.envelope, event.event);
  if (bytes_.size() > event_log::kValueBytesMax) return false;
  event.value = bytes_;
  const std::uint64_t written = measure ? now_ns() : 0;
  end = {event.envelope.position.sequence, sealing::sha256(event.value), event.envelope.time};
  if (measure) {
    measured.write_ns += written - begun;
    measured.hash_ns += now_ns() - written;
  }
  return true;
}

}  // namespace boxoffice::processor
