#include "replay-tools/verify/look.hpp"

#include "events-schema/canonical.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::replay {

namespace {
constexpr std::size_t kReadBytes = 64 * 1024;
}

event_log::Result<void> Looker::look(const Range& range, Sight& sight) {
  sight.count = 0;
  sight.unreadable.reset();
  const auto cursor = log_.read_after({range.partition, range.after});
  while (true) {
    const auto events = cursor->read(kReadBytes);
    if (!events && events.error().kind == event_log::LogErrorKind::corrupt) {
      sight.unreadable = events.error().message;
      return {};
    }
    if (!events) return std::unexpected(events.error());
    if (events->empty()) return {};
    for (const event_log::StoredEvent& stored : *events) {
      if (stored.position.sequence > range.last) return {};
      if (sight.count == sight.events.size()) sight.events.emplace_back();
      see(stored, sight.events[sight.count++]);
      if (stored.position.sequence == range.last) return {};
    }
  }
}

void Looker::see(const event_log::StoredEvent& stored, SeenEvent& seen) {
  seen.position = stored.position;
  seen.topic = stored.topic;
  seen.hash = sealing::sha256(stored.value);
  seen.fault.clear();
  seen.is_readable = schema::read_canonical(stored.value, seen.envelope, seen.event);
  if (!seen.is_readable) see_closely(stored, seen);
  if (seen.is_readable) seen.command = schema::command_identity_from_text(seen.envelope.causation);
}

void Looker::see_closely(const event_log::StoredEvent& stored, SeenEvent& seen) {
  const auto read = reader_.event(stored.value, seen.envelope, seen.event);
  seen.is_readable = read.has_value();
  if (!read)
    seen.fault = "cannot be read at \"" + read.error().pointer + "\": " + read.error().detail;
  else if (!schema::is_canonical(stored.value, seen.envelope, seen.event))
    seen.fault = "the bytes are not those that its meaning is written as";
}

}  // namespace boxoffice::replay
