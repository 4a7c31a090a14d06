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

  /// What was read may have changed since.
  void forget() { held_ = 0; }

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

/// Whether a key's value did not arrive. One that a later tombstone of the same frame destroys may
/// be half overwritten.
bool lacks_a_key(const FramePlaces& places) {
  for (auto key = places.keys.begin(); key != places.keys.end(); ++key) {
    const auto destroys_it = [&](const KeyPlace& later) {
      return later.destroys && later.hash == key->hash;
    };
    if (key->damaged && std::none_of(key, places.keys.end(), destroys_it)) return true;
  }
  return false;
}

/// The events with which a frame that is not whole would have gone on, the first of each partition,
/// as far as its records still tell.
std::vector<Position> torn_events(std::string_view frame, std::vector<Sequence> ends) {
  std::vector<Position> events;
  std::vector<bool> named(ends.size());
  std::string_view rest = frame.substr(std::min(frame.size(), kFrameHeaderBytes));
  while (rest.size() >= kEventHeaderBytes) {
    const auto [partition, sequence] = claimed_position(rest);
    if (partition.value >= ends.size() || sequence != ends[partition.value].next()) break;
    ends[partition.value] = sequence;
    if (!named[partition.value]) events.push_back({partition, sequence});
    named[partition.value] = true;
    rest.remove_prefix(std::min(rest.size(), event_record_bytes(rest)));
  }
  return events;
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

class Scanner {
 public:
  Scanner(const Segment& segment, std::span<const Sequence> ends_before,
          std::optional<std::uint64_t> next_segments_first_frame)
      : segment_(segment),
        next_segments_first_frame_(next_segments_first_frame),
        window_(*segment.file),
        ends_(ends_before.begin(), ends_before.end()) {
    scan_.index = std::make_unique<GrowingIndex>(ends_before);
    scan_.data_end = scan_.last_frame_at = kSegmentHeaderBytes;
    scan_.next_frame = segment.header.first_frame;
  }

  Result<Scan> run() {
    std::optional<std::uint64_t> looked_again_at;
    for (;;) {
      if (auto done = take_frames(); !done) return std::unexpected(done.error());
      scan_.torn_end = scan_.data_end;
      if (scan_.next_frame == next_segments_first_frame_) return std::move(scan_);
      if (next_segments_first_frame_) return corrupt(segment_, scan_.data_end, damaged_);
      const auto rest = look_behind();
      if (!rest) return std::unexpected(rest.error());
      if (!rest->has_later_frame) return with_torn_end(rest->nonzero_end);
      // A frame is begun once the one before it is durable. So the one that could not be read is
      // damaged; or it was still being written when we looked, by the process that holds the
      // directory of which this is a checkpoint, and is whole by now.
      const bool again = looked_again_at == scan_.next_frame;
      if (again && !lacks_a_key_) return corrupt(segment_, scan_.data_end, damaged_);
      if (again) synced_frame_ = scan_.next_frame;
      looked_again_at = scan_.next_frame;
      window_.forget();
    }
  }

 private:
  /// Takes frames as far as they are whole.
  Result<void> take_frames() {
    damaged_.reset();
    lacks_a_key_ = false;
    while (scan_.next_frame != next_segments_first_frame_) {
      const auto head = window_.at(scan_.data_end, kFrameHeaderBytes);
      if (!head) return std::unexpected(head.error());
      const auto header = decode_frame_header(*head, segment_.header.salt);
      if (!header || header->number != scan_.next_frame) return {};
      const auto frame = window_.at(scan_.data_end, header->bytes());
      if (!frame) return std::unexpected(frame.error());
      if (frame->size() < header->bytes()) return {};
      const std::string_view body = frame->substr(kFrameHeaderBytes);
      if (!decode_frame_body(*header, body, places_)) {
        damaged_ = damaged_event(*header, body);
        return {};
      }
      if (may_be_torn() && lacks_a_key(places_)) {
        lacks_a_key_ = true;
        return {};
      }
      if (!follows(places_, ends_)) return corrupt(segment_, scan_.data_end);
      take(*frame);
    }
    return {};
  }

  /// Whether the next frame may be the log's last one.
  bool may_be_torn() const {
    return !next_segments_first_frame_ && synced_frame_ != scan_.next_frame;
  }

  void take(std::string_view frame) {
    scan_.index->add(static_cast<std::uint32_t>(scan_.data_end), places_);
    for (const KeyPlace& key : places_.keys) {
      if (!key.destroys) continue;
      const auto record = decode_key(frame.substr(key.offset));
      scan_.destroyed.push_back({record->partition, std::string(record->name)});
    }
    scan_.last_frame_at = scan_.data_end;
    scan_.data_end += frame.size();
    ++scan_.next_frame;
  }

  /// What lies behind the last good frame: up to where it is not zeros, and whether a later frame
  /// is among it.
  struct Rest {
    std::uint64_t nonzero_end = 0;
    bool has_later_frame = false;
  };

  Result<Rest> look_behind() {
    Rest rest{.nonzero_end = scan_.data_end};
    // Windows overlap by a header, so that none is cut in two.
    for (std::uint64_t at = scan_.data_end;; at += kWindowBytes - kFrameHeaderBytes) {
      const auto bytes = window_.at(at, kWindowBytes);
      if (!bytes) return std::unexpected(bytes.error());
      if (const std::size_t zeros = zeros_at_end(*bytes); zeros > 0) {
        rest.nonzero_end = at + zeros;
        rest.has_later_frame |=
            find_frame(*bytes, 0, segment_.header.salt, scan_.next_frame).has_value();
      }
      if (bytes->size() < kWindowBytes) return rest;
    }
  }

  Result<Scan> with_torn_end(std::uint64_t torn_end) {
    scan_.torn_end = torn_end;
    const auto bytes = window_.at(scan_.data_end,
                                  std::min<std::uint64_t>(torn_end - scan_.data_end, kWindowBytes));
    if (!bytes) return std::unexpected(bytes.error());
    scan_.torn_events = torn_events(*bytes, ends_);
    return std::move(scan_);
  }

  const Segment& segment_;
  const std::optional<std::uint64_t> next_segments_first_frame_;
  Window window_;
  FramePlaces places_;
  std::vector<Sequence> ends_;
  std::optional<Position> damaged_;  // the event at which taking frames ended
  bool lacks_a_key_ = false;         // the frame at which taking frames ended
  /// A frame that others follow, so that it was durable once: it is taken whatever became of its
  /// keys, for what they seal is lost, and no more.
  std::optional<std::uint64_t> synced_frame_;
  Scan scan_;
};

}  // namespace

Result<Scan> scan(const Segment& segment, std::span<const Sequence> ends,
                  std::optional<std::uint64_t> next_segments_first_frame) {
  return Scanner(segment, ends, next_segments_first_frame).run();
}

}  // namespace boxoffice::event_log::embedded
