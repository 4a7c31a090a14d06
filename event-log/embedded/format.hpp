#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event-log/batch_rules.hpp"
#include "event-log/log.hpp"

/// What the bytes of a segment mean. All integers are little-endian; checksums are CRC-32C.
///
///     segment   header (64 bytes)  frame  frame  …  zeros up to the capacity
///     header    magic 8 · crc 4 (of what follows) · salt 4 · number 8 · first frame 8 · capacity 8
///     · zeros frame     magic 4 · crc 4 (of what follows in the header, begun with the salt) ·
///     number 8 · body's bytes 4 ·
///               events 4 · keys 4 · crc 4 (of the records' own crcs) · event records · key records
///     event     crc 4 (of what follows) · value's bytes 2 · partition 2 · sequence 8 · topic 1 ·
///     value key       crc 4 (of what follows, up to the name's end) · crc of the value 4 ·
///     partition 2 · name's bytes 1 ·
///               value's bytes 2 · name · state 1 · value
///
/// A frame is one appended batch. Frames are numbered from 1 over the whole log, without a gap. The
/// salt is random, so that nobody can choose a value that reads as a frame.
///
/// A key's state and value are covered by no frame's checksum: they are overwritten in place when
/// the key is destroyed.
namespace boxoffice::event_log::embedded {

inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kFrameHeaderBytes = 32;
inline constexpr std::size_t kEventHeaderBytes = 17;
inline constexpr std::size_t kKeyHeaderBytes = 13;

struct SegmentHeader {
  std::uint32_t salt = 0;
  std::uint64_t number = 0;  ///< of the segment, from 1
  std::uint64_t first_frame =
      0;  ///< frames of earlier segments with this number or a later one are void
  std::uint64_t capacity = 0;  ///< bytes, the header included
};
[[nodiscard]] std::string encode(const SegmentHeader& header);
[[nodiscard]] std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);

/// Where the records of a frame lie, relative to the frame's start (or, in an index, to the
/// segment's).
struct EventPlace {
  Position position;
  std::uint32_t offset;
};
struct KeyPlace {
  std::uint64_t hash;
  std::uint32_t offset;
  bool destroys;
  bool damaged = false;  ///< its value is neither what was written nor destroyed
};
struct FramePlaces {
  std::vector<EventPlace> events;
  std::vector<KeyPlace> keys;
};

struct FrameHeader {
  std::uint64_t number = 0;
  std::uint32_t body_bytes = 0;
  std::uint32_t events = 0;
  std::uint32_t keys = 0;
  std::uint32_t records_crc = 0;

  std::uint64_t bytes() const { return kFrameHeaderBytes + std::uint64_t{body_bytes}; }
};

[[nodiscard]] std::uint64_t frame_bytes(const Batch& batch);
/// Writes the frame over `out`, and where its records lie over `places`; both keep their capacity.
void encode_frame(const Batch& batch, std::uint64_t number, std::uint32_t salt, std::string& out,
                  FramePlaces& places);
/// Nullopt unless `bytes` begins with the whole header of a frame.
[[nodiscard]] std::optional<FrameHeader> decode_frame_header(std::string_view bytes,
                                                             std::uint32_t salt);
/// False unless `body` is that of `header`. The values of keys are for `places` to tell.
[[nodiscard]] bool decode_frame_body(const FrameHeader& header, std::string_view body,
                                     FramePlaces& places);
/// The first event of `body` that reads differently now, by the place its own record claims.
/// Nullopt where the damage is elsewhere.
[[nodiscard]] std::optional<Position> damaged_event(const FrameHeader& header,
                                                    std::string_view body);
/// The first place at or after `from` where the header of a frame with a number above `after`
/// begins.
[[nodiscard]] std::optional<std::size_t> find_frame(std::string_view bytes, std::size_t from,
                                                    std::uint32_t salt, std::uint64_t after);

struct EventRecord {
  Topic topic{};
  Position position;
  std::string_view value;
};
/// How long the event record is that begins with `bytes`. REQUIRES: `bytes.size() >=
/// kEventHeaderBytes`.
[[nodiscard]] std::size_t event_record_bytes(std::string_view bytes);
/// Where the event record that `bytes` begin with says that it stands, damaged or not. REQUIRES: as
/// above.
[[nodiscard]] Position claimed_position(std::string_view bytes);
/// Nullopt unless `bytes` begins with a whole and undamaged event record.
[[nodiscard]] std::optional<EventRecord> decode_event(std::string_view bytes);

enum class KeyState : std::uint8_t { live = 0, destroyed = 1 };
struct StoredKey {
  Partition partition;
  std::string_view name;
  KeyState state{};
  bool value_is_whole = false;  ///< the value is what was written
  std::string_view value;
  std::size_t state_offset = 0;  ///< of the state, which the value follows, from the record's start
  std::size_t bytes = 0;         ///< of the record

  bool destroys() const { return value.empty(); }
  /// Neither what was written nor destroyed. A crash in the middle of destroying looks the same: a
  /// tombstone follows then.
  bool is_damaged() const {
    const bool is_as_written = state == KeyState::live && value_is_whole;
    return !destroys() && !is_as_written && state != KeyState::destroyed;
  }
};
inline constexpr std::size_t kKeyRecordBytesMax =
    kKeyHeaderBytes + kKeyNameBytesMax + 1 + kKeyValueBytesMax;
[[nodiscard]] std::optional<StoredKey> decode_key(std::string_view bytes);

/// What indexes know a key by. Two keys may share it.
[[nodiscard]] std::uint64_t key_hash(Partition partition, std::string_view name);

}  // namespace boxoffice::event_log::embedded
