#include "commands/processor/scribe.hpp"

#include "commands/processor/monotonic.hpp"
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
    CommittedEvent& event = batch.events.emplace_back();
    event.topic = schema::topic_of(decided.event);
    event.event = std::move(decided.event);

    schema::Envelope& envelope = event.envelope;
    envelope.position = {partition, end.sequence.next()};
    envelope.source = source_;
    envelope.subject = schema::to_text(decided.subject);
    envelope.time = time;
    envelope.previous = end.hash;
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

    const std::uint64_t begun = measure ? now_ns() : 0;
    bytes_.clear();
    schema::write_event(bytes_, envelope, event.event);
    if (bytes_.size() > event_log::kValueBytesMax) {
      batch.events.resize(first);
      end = before;
      return false;
    }
    event.value = bytes_;
    const std::uint64_t written = measure ? now_ns() : 0;
    end = {envelope.position.sequence, sealing::sha256(event.value), time};
    if (measure) {
      measured.write_ns += written - begun;
      measured.hash_ns += now_ns() - written;
    }
  }
  return true;
}

}  // namespace boxoffice::processor
