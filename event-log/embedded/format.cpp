#include "event-log/embedded/format.hpp"

#include <cstring>

#include "event-log/embedded/crc32c.hpp"
#include "event-log/embedded/little_endian.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log::embedded {
namespace {

constexpr std::string_view kSegmentMagic = "BOXSEG1\n";
constexpr std::string_view kFrameMagic = "\xb0xf\x01";
constexpr std::size_t kFrameBytesMax = std::size_t{1} << 30;

char* put(char* out, std::string_view bytes) {
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}
using embedded::put;

std::size_t event_bytes(const CommittedEvent& event) {
  return kEventHeaderBytes + event.value.size();
}

std::size_t key_bytes(const KeyRecord& key) {
  return kKeyHeaderBytes + key.name.size() + 1 + key.value.size();
}

char* put_event(char* out, const CommittedEvent& event) {
  char* const start = out;
  out += sizeof(std::uint32_t);
  out = put(out, static_cast<std::uint16_t>(event.value.size()));
  out = put(out, event.envelope.position.partition.value);
  out = put(out, event.envelope.position.sequence.value);
  out = put(out, static_cast<std::uint8_t>(event.topic));
  out = put(out, std::string_view(event.value));
  put(start, crc32c({start + 4, out}));
  return out;
}

char* put_key(char* out, const KeyRecord& key) {
  char* const start = out;
  out += sizeof(std::uint32_t);
  out = put(out, crc32c(key.value));
  out = put(out, key.partition.value);
  out = put(out, static_cast<std::uint8_t>(key.name.size()));
  out = put(out, static_cast<std::uint16_t>(key.value.size()));
  out = put(out, std::string_view(key.name));
  put(start, crc32c({start + 4, out}));
  out = put(out, static_cast<std::uint8_t>(KeyState::live));
  return put(out, std::string_view(key.value));
}

}  // namespace

std::string encode(const SegmentHeader& header) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  char* out = put(bytes.data(), kSegmentMagic) + sizeof(std::uint32_t);
  out = put(out, header.salt);
  out = put(out, header.number);
  out = put(out, header.first_frame);
  put(out, header.capacity);
  put(bytes.data() + 8, crc32c(std::string_view(bytes).substr(12)));
  return bytes;
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kSegmentMagic)) return std::nullopt;
  if (get<std::uint32_t>(bytes, 8) != crc32c(bytes.substr(12, kSegmentHeaderBytes - 12)))
    return std::nullopt;
  return SegmentHeader{.salt = get<std::uint32_t>(bytes, 12),
                       .number = get<std::uint64_t>(bytes, 16),
                       .first_frame = get<std::uint64_t>(bytes, 24),
                       .capacity = get<std::uint64_t>(bytes, 32)};
}

std::uint64_t frame_bytes(const Batch& batch) {
  std::uint64_t bytes = kFrameHeaderBytes;
  for (const CommittedEvent& event : batch.events) bytes += event_bytes(event);
  for (const KeyRecord& key : batch.keys) bytes += key_bytes(key);
  return bytes;
}

void encode_frame(const Batch& batch, std::uint64_t number, std::uint32_t salt, std::string& out,
                  FramePlaces& places) {
  const std::uint64_t bytes = frame_bytes(batch);
  require(bytes <= kFrameBytesMax, "a batch has at most 1 GB");
  out.resize(bytes);
  places.events.clear();
  places.keys.clear();
  std::uint32_t records_crc = 0;
  char* at = out.data() + kFrameHeaderBytes;
  const auto finish_record = [&](char* end) {
    records_crc = crc32c({at, sizeof(std::uint32_t)}, records_crc);
    at = end;
  };
  for (const CommittedEvent& event : batch.events) {
    places.events.push_back({event.envelope.position, static_cast<std::uint32_t>(at - out.data())});
    finish_record(put_event(at, event));
  }
  for (const KeyRecord& key : batch.keys) {
    places.keys.push_back({key_hash(key.partition, key.name),
                           static_cast<std::uint32_t>(at - out.data()), key.value.empty()});
    finish_record(put_key(at, key));
  }
  char* header = put(out.data(), kFrameMagic) + sizeof(std::uint32_t);
  header = put(header, number);
  header = put(header, static_cast<std::uint32_t>(bytes - kFrameHeaderBytes));
  header = put(header, static_cast<std::uint32_t>(batch.events.size()));
  header = put(header, static_cast<std::uint32_t>(batch.keys.size()));
  put(header, records_crc);
  put(out.data() + 4, crc32c({out.data() + 8, kFrameHeaderBytes - 8}, salt));
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes, std::uint32_t salt) {
  if (bytes.size() < kFrameHeaderBytes || !bytes.starts_with(kFrameMagic)) return std::nullopt;
  if (get<std::uint32_t>(bytes, 4) != crc32c(bytes.substr(8, kFrameHeaderBytes - 8), salt))
    return std::nullopt;
  return FrameHeader{.number = get<std::uint64_t>(bytes, 8),
                     .body_bytes = get<std::uint32_t>(bytes, 16),
                     .events = get<std::uint32_t>(bytes, 20),
                     .keys = get<std::uint32_t>(bytes, 24),
                     .records_crc = get<std::uint32_t>(bytes, 28)};
}

bool decode_frame_body(const FrameHeader& header, std::string_view body, FramePlaces& places) {
  places.events.clear();
  places.keys.clear();
  if (body.size() != header.body_bytes) return false;
  std::uint32_t records_crc = 0;
  std::size_t at = 0;
  const auto finish_record = [&](std::size_t bytes) {
    records_crc = crc32c(body.substr(at, sizeof(std::uint32_t)), records_crc);
    at += bytes;
  };
  for (std::uint32_t i = 0; i < header.events; ++i) {
    const auto event = decode_event(body.substr(at));
    if (!event) return false;
    places.events.push_back({event->position, static_cast<std::uint32_t>(kFrameHeaderBytes + at)});
    finish_record(kEventHeaderBytes + event->value.size());
  }
  for (std::uint32_t i = 0; i < header.keys; ++i) {
    const auto key = decode_key(body.substr(at));
    if (!key) return false;
    places.keys.push_back({key_hash(key->partition, key->name),
                           static_cast<std::uint32_t>(kFrameHeaderBytes + at), key->destroys(),
                           key->is_damaged()});
    finish_record(key->bytes);
  }
  return at == body.size() && records_crc == header.records_crc;
}

std::optional<Position> damaged_event(const FrameHeader& header, std::string_view body) {
  for (std::uint32_t i = 0; i < header.events && body.size() >= kEventHeaderBytes; ++i) {
    if (!decode_event(body)) return claimed_position(body);
    body.remove_prefix(event_record_bytes(body));
  }
  return std::nullopt;
}

std::optional<std::size_t> find_frame(std::string_view bytes, std::size_t from, std::uint32_t salt,
                                      std::uint64_t after) {
  for (std::size_t at = bytes.find(kFrameMagic, from); at != std::string_view::npos;
       at = bytes.find(kFrameMagic, at + 1)) {
    const auto header = decode_frame_header(bytes.substr(at), salt);
    if (header && header->number > after) return at;
  }
  return std::nullopt;
}

std::size_t event_record_bytes(std::string_view bytes) {
  return kEventHeaderBytes + get<std::uint16_t>(bytes, 4);
}

Position claimed_position(std::string_view bytes) {
  return {.partition = {get<std::uint16_t>(bytes, 6)}, .sequence = {get<std::uint64_t>(bytes, 8)}};
}

std::optional<EventRecord> decode_event(std::string_view bytes) {
  if (bytes.size() < kEventHeaderBytes || bytes.size() < event_record_bytes(bytes))
    return std::nullopt;
  bytes = bytes.substr(0, event_record_bytes(bytes));
  if (get<std::uint32_t>(bytes, 0) != crc32c(bytes.substr(4))) return std::nullopt;
  return EventRecord{.topic = static_cast<Topic>(get<std::uint8_t>(bytes, 16)),
                     .position = {.partition = {get<std::uint16_t>(bytes, 6)},
                                  .sequence = {get<std::uint64_t>(bytes, 8)}},
                     .value = bytes.substr(kEventHeaderBytes)};
}

std::optional<StoredKey> decode_key(std::string_view bytes) {
  if (bytes.size() < kKeyHeaderBytes) return std::nullopt;
  const std::size_t name_bytes = get<std::uint8_t>(bytes, 10);
  const std::size_t value_bytes = get<std::uint16_t>(bytes, 11);
  const std::size_t state_offset = kKeyHeaderBytes + name_bytes;
  const std::size_t whole = state_offset + 1 + value_bytes;
  if (bytes.size() < whole) return std::nullopt;
  if (get<std::uint32_t>(bytes, 0) != crc32c(bytes.substr(4, state_offset - 4)))
    return std::nullopt;
  const std::string_view value = bytes.substr(state_offset + 1, value_bytes);
  return StoredKey{.partition = {get<std::uint16_t>(bytes, 8)},
                   .name = bytes.substr(kKeyHeaderBytes, name_bytes),
                   .state = static_cast<KeyState>(get<std::uint8_t>(bytes, state_offset)),
                   .value_is_whole = get<std::uint32_t>(bytes, 4) == crc32c(value),
                   .value = value,
                   .state_offset = state_offset,
                   .bytes = whole};
}

std::uint64_t key_hash(Partition partition, std::string_view name) {
  // FNV-1a: names end in random ids, so little is asked of it; but it must never change, for it
  // stands in index files.
  std::uint64_t hash = 0xcbf29ce484222325u ^ partition.value;
  for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  return hash;
}

}  // namespace boxoffice::event_log::embedded
