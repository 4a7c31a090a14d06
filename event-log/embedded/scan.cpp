#include "event-log/embedded/scan.hpp"

#include <algorithm>
#include <cstring>

namespace boxoffice::event_log::embedded {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 20;

/// A file read from front to back, through a window that moves.
class Window {
 public:
  explicit Window(File& file) : file_(file) {}

  /// The bytes at `offset`: `bytes` of them, or up to the file's end. Valid until the next call.
  Result<std::string_view> at(std::uint64_t offset, std::size_t bytes) {
    if (offset < start_ || offset + bytes > start_ + held_) {
      buffer_.resize(std::max(bytes, kWindowBytes));
      const auto got = file_.read_at(offset, buffer_);
      if (!got) return std::unexpected(got.error());
      start_ = offset;
      held_ = *got;
    }
    const std::size_t skipped = static_cast<std::size_t>(offset - start_);
    return std::string_view(buffer_).substr(skipped, std::min(bytes, held_ - skipped));
  }

 private:
  File& file_;
  std::string buffer_;
  std::uint64_t start_ = 0;
  std::size_t held_ = 0;
};

/// Whether each event is the next of its partition.
bool follows(const FramePlaces& places, std::vector<Sequence>& ends) {
  for (const EventPlace& event : places.events) {
    const auto [partition, sequence] = event.position;
    if (partition.value >= ends.size() || sequence != ends[partition.value].next()) return false;
    ends[partition.value] = sequence;
  }
  return true;
}

std::unexpected<LogError> corrupt(const Segment& segment, std::uint64_t offset,
                                  std::optional<Position> event = {}) {
  const std::string where = event ? ", event " + to_text(*event) : "";
  return std::unexpected(
      LogError{LogErrorKind::corrupt, segment.path.string() + " is damaged at byte " +
                                          std::to_string(offset) + where +
                                          ": what was written there was synced, and reads "
                                          "differently now; restore the file from a copy"});
}

/// Where the zeros begin that `bytes` end with. Most of a new segment is zeros: eight at a time.
std::size_t zeros_at_end(std::string_view bytes) {
  std::size_t at = bytes.size();
  for (std::uint64_t eight = 0; at >= sizeof eight; at -= sizeof eight) {
    std::memcpy(&eight, bytes.data() + at - sizeof eight, sizeof eight);
    if (eight != 0) break;
  }
  while (at > 0 && bytes[at - 1] == '\0') --at;
  return at;
}

/// What lies behind the last good frame: up to where it is not zeros, and whether a later frame is
/// among it.
struct Rest {
  std::uint64_t nonzero_end = 0;
  bool has_later_frame = false;
};

Result<Rest> look_behind(Window& window, const Segment& segment, const Scan& scan) {
  Rest rest{.nonzero_end = scan.data_end};
  // Windows overlap by a header, so that none is cut in two.
  for (std::uint64_t at = scan.data_end;; at += kWindowBytes - kFrameHeaderBytes) {
    const auto bytes = window.at(at, kWindowBytes);
    if (!bytes) return std::unexpected(bytes.error());
    if (const std::size_t zeros = zeros_at_end(*bytes); zeros > 0) {
      rest.nonzero_end = at + zeros;
      rest.has_later_frame |=
          find_frame(*bytes, 0, segment.header.salt, scan.next_frame).has_value();
    }
    if (bytes->size() < kWindowBytes) return rest;
  }
}

}  // namespace

Result<Scan> scan(const Segment& segment, std::span<const Sequence> ends_before,
                  std::optional<std::uint64_t> next_segments_first_frame) {
  Scan scan{.index = std::make_unique<GrowingIndex>(ends_before),
            .data_end = kSegmentHeaderBytes,
            .next_frame = segment.header.first_frame,
            .last_frame_at = kSegmentHeaderBytes,
            .destroyed = {},
            .torn_end = 0};
  Window window(*segment.file);
  FramePlaces places;
  std::vector<Sequence> ends(ends_before.begin(), ends_before.end());
  std::optional<Position> damaged;  // the event at which the scan ended
  while (scan.next_frame != next_segments_first_frame) {
    const auto head = window.at(scan.data_end, kFrameHeaderBytes);
    if (!head) return std::unexpected(head.error());
    const auto header = decode_frame_header(*head, segment.header.salt);
    if (!header || header->number != scan.next_frame) break;
    const auto frame = window.at(scan.data_end, header->bytes());
    if (!frame) return std::unexpected(frame.error());
    if (frame->size() < header->bytes()) break;
    if (!decode_frame_body(*header, frame->substr(kFrameHeaderBytes), places)) {
      damaged = damaged_event(*header, frame->substr(kFrameHeaderBytes));
      break;
    }
    if (!follows(places, ends)) return corrupt(segment, scan.data_end);
    scan.index->add(static_cast<std::uint32_t>(scan.data_end), places);
    for (const KeyPlace& key : places.keys) {
      if (!key.destroys) continue;
      const auto record = decode_key(frame->substr(key.offset));
      scan.destroyed.push_back({record->partition, std::string(record->name)});
    }
    scan.last_frame_at = scan.data_end;
    scan.data_end += header->bytes();
    ++scan.next_frame;
  }

  scan.torn_end = scan.data_end;
  if (scan.next_frame == next_segments_first_frame) return scan;
  if (next_segments_first_frame) return corrupt(segment, scan.data_end, damaged);
  const auto rest = look_behind(window, segment, scan);
  if (!rest) return std::unexpected(rest.error());
  if (rest->has_later_frame) return corrupt(segment, scan.data_end, damaged);
  scan.torn_end = rest->nonzero_end;
  return scan;
}

}  // namespace boxoffice::event_log::embedded
