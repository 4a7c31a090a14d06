#include "event-log/embedded/key_reading.hpp"

#include "event-log/about.hpp"
#include "event-log/embedded/erasure.hpp"

namespace boxoffice::event_log::embedded {
namespace {

/// nullopt where the record was destroyed half way: a crash came between, or it is happening now.
Result<std::optional<KeyRecord>> record_of(const Segments& segments, const StoredKey& key) {
  KeyRecord record{key.partition, std::string(key.name), {}};
  if (key.state == KeyState::destroyed) return record;
  if (!key.value_is_whole) {
    // Damage, unless a later record makes up for it.
    const auto newest = find_key(segments, key.partition, key.name);
    if (!newest) return std::unexpected(newest.error());
    return std::nullopt;
  }
  record.value = key.value;
  return record;
}

}  // namespace

Result<void> read_keys(const Segments& segments, const KeyVisitor& visit) {
  std::string bytes(kKeyRecordBytesMax, '\0');
  std::uint64_t next = 0;
  while (const auto keys = segments.keys_from(next)) {
    next = keys->segment->header.number + 1;
    for (const std::uint32_t offset : keys->offsets) {
      const auto got = keys->segment->file->read_at(offset, bytes);
      if (!got) return std::unexpected(got.error());
      const auto key = decode_key(std::string_view(bytes).substr(0, *got));
      if (!key) return std::unexpected(damaged_key({keys->segment, offset}));
      if (is_about_the_log(key->name)) continue;
      const auto record = record_of(segments, *key);
      if (!record) return std::unexpected(record.error());
      if (*record && !visit(**record)) return {};
    }
  }
  return {};
}

}  // namespace boxoffice::event_log::embedded
