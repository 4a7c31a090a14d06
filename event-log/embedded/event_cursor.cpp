#include "event-log/embedded/event_cursor.hpp"

#include <algorithm>

namespace boxoffice::event_log::embedded {
namespace {

/// Reading what stands between two records costs less than another call, up to about this much.
constexpr std::uint32_t kGapBytes = 8 << 10;
/// What is read from the last record's start on; most records are shorter.
constexpr std::uint32_t kLikelyBytes = 2 << 10;
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
  const Run run = segments_->find(next_, kEventsMax);
  if (run.offsets.empty()) return std::span<const StoredEvent>{};
  const std::size_t count = together(run.offsets, std::min(bytes_max, kReadBytesMax));
  const std::uint32_t begin = run.offsets[0];
  auto bytes = fill(*run.segment, begin, run.offsets[count - 1] - begin + kLikelyBytes);
  if (!bytes) return std::unexpected(bytes.error());

  for (std::size_t i = 0; i < count; ++i) {
    std::string_view record =
        bytes->substr(std::min<std::size_t>(run.offsets[i] - begin, bytes->size()));
    const bool whole =
        record.size() >= kEventHeaderBytes && record.size() >= event_record_bytes(record);
    if (!whole && i > 0) break;  // cut by the read's end: the next call begins with it
    if (!whole) {
      bytes = fill(*run.segment, begin, kEventHeaderBytes + kValueBytesMax);
      if (!bytes) return std::unexpected(bytes.error());
      record = *bytes;
    }
    const auto event = checked_event(record, next_, *run.segment, run.offsets[i]);
    if (!event) return std::unexpected(event.error());
    events_.push_back({.topic = event->topic, .position = next_, .value = event->value});
    next_.sequence = next_.sequence.next();
    if (!whole) break;
  }
  return std::span<const StoredEvent>(events_);
}

Result<std::string_view> EventCursor::fill(const Segment& segment, std::uint32_t begin,
                                           std::size_t bytes) {
  if (buffer_bytes_ < bytes) {
    buffer_ = std::make_unique_for_overwrite<char[]>(bytes + schema::kPadding);
    buffer_bytes_ = bytes;
  }
  const auto got = segment.file->read_at(begin, {buffer_.get(), bytes});
  if (!got) return std::unexpected(got.error());
  return std::string_view(buffer_.get(), *got);
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
