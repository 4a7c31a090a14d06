#include "event-log/embedded/event_cursor.hpp"

#include <algorithm>

namespace boxoffice::event_log::embedded {
namespace {

/// Reading what stands between two records costs less than another call, up to about this much.
constexpr std::uint32_t kGapBytes = 8 << 10;
/// What is read from the last record's start on; most records are shorter.
constexpr std::uint32_t kLikelyBytes = 1 << 10;
constexpr std::size_t kReadBytesMax = std::size_t{1} << 20;
constexpr std::size_t kEventsMax = 4096;

/// How many of the records, from the first on, are read at once.
std::size_t together(std::span<const std::uint32_t> offsets, std::size_t bytes_max) {
  std::size_t count = 1;
  while (count < offsets.size() &&
         offsets[count] - offsets[count - 1] <= kGapBytes + kLikelyBytes &&
         offsets[count] - offsets[0] < bytes_max)
    ++count;
  return count;
}

Result<void> failed(const LogError& error) { return std::unexpected(error); }

}  // namespace

Result<EventRecord> checked_event(std::string_view bytes, Position expected, const Segment& segment,
                                  std::uint32_t offset) {
  const auto event = decode_event(bytes);
  if (event && event->position == expected) return *event;
  return std::unexpected(
      LogError{LogErrorKind::corrupt, segment.path.string() + " is damaged at byte " +
                                          std::to_string(offset) + " (event " + to_text(expected) +
                                          "); restore the file from a copy"});
}

EventCursor::EventCursor(std::shared_ptr<const Segments> segments, Position after)
    : segments_(std::move(segments)),
      next_{.partition = after.partition, .sequence = after.sequence.next()} {}

Result<std::span<const StoredEvent>> EventCursor::read(std::size_t bytes_max) {
  events_.clear();
  if (ahead().empty()) {
    run_ = segments_->find(next_, kEventsMax);
    taken_ = 0;
  }
  const std::size_t wanted = std::clamp<std::size_t>(bytes_max, 1, kReadBytesMax);
  make_room(wanted + kLikelyBytes);
  std::size_t used = 0;
  while (used < wanted && !ahead().empty()) {
    const auto offsets = ahead();
    const std::size_t count = together(offsets, wanted - used);
    const std::size_t bytes = offsets[count - 1] - offsets[0] + kLikelyBytes;
    const auto got = run_.segment->file->read_at(offsets[0], {buffer_.get() + used, bytes});
    const std::size_t before = taken_;
    const auto done = got ? take({buffer_.get() + used, *got}, count) : failed(got.error());
    // An error comes once the events before it were handed out, so that reading on loses none.
    if (!done && events_.empty()) return std::unexpected(done.error());
    if (!done) break;
    // What was cut by the read's end begins the next call, where it may be read alone.
    if (taken_ - before < count) break;
    used += bytes;
  }
  if (events_.empty() && !ahead().empty())
    if (auto done = take_long(); !done) return std::unexpected(done.error());
  return std::span<const StoredEvent>(events_);
}

void EventCursor::make_room(std::size_t bytes) {
  if (buffer_bytes_ >= bytes) return;
  buffer_ = std::make_unique_for_overwrite<char[]>(bytes + schema::kPadding);
  buffer_bytes_ = bytes;
}

Result<void> EventCursor::take(std::string_view bytes, std::size_t count) {
  const std::uint32_t begin = ahead()[0];
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t offset = ahead()[0];
    if (offset - begin > bytes.size()) return {};
    const std::string_view record = bytes.substr(offset - begin);
    if (record.size() < kEventHeaderBytes || record.size() < event_record_bytes(record)) return {};
    const auto event = checked_event(record, next_, *run_.segment, offset);
    if (!event) return std::unexpected(event.error());
    events_.push_back({.topic = event->topic, .position = next_, .value = event->value});
    next_.sequence = next_.sequence.next();
    ++taken_;
  }
  return {};
}

Result<void> EventCursor::take_long() {
  constexpr std::size_t kRecordBytesMax = kEventHeaderBytes + kValueBytesMax;
  make_room(kRecordBytesMax);
  const std::uint32_t offset = ahead()[0];
  const auto got = run_.segment->file->read_at(offset, {buffer_.get(), kRecordBytesMax});
  if (!got) return std::unexpected(got.error());
  if (auto done = take({buffer_.get(), *got}, 1); !done) return done;
  if (!events_.empty()) return {};
  // Not even the longest record is that long, or the file ends within it.
  const auto damaged = checked_event({}, next_, *run_.segment, offset);
  return std::unexpected(damaged.error());
}

Result<std::optional<std::string>> read_event(const Segments& segments, Position position) {
  const Run run = segments.find(position, 1);
  if (run.offsets.empty()) return std::nullopt;
  const std::uint32_t offset = run.offsets[0];
  char likely[kLikelyBytes];
  const auto got = run.segment->file->read_at(offset, likely);
  if (!got) return std::unexpected(got.error());
  std::string_view bytes(likely, *got);
  std::string longer;
  if (bytes.size() >= kEventHeaderBytes && event_record_bytes(bytes) > bytes.size()) {
    longer.resize(event_record_bytes(bytes));
    const auto all = run.segment->file->read_at(offset, longer);
    if (!all) return std::unexpected(all.error());
    bytes = std::string_view(longer).substr(0, *all);
  }
  const auto event = checked_event(bytes, position, *run.segment, offset);
  if (!event) return std::unexpected(event.error());
  std::string value;
  value.reserve(event->value.size() + schema::kPadding);
  value.append(event->value);
  return value;
}

}  // namespace boxoffice::event_log::embedded
