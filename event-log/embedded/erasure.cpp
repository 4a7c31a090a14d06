#include "event-log/embedded/erasure.hpp"

#include <algorithm>
#include <set>

namespace boxoffice::event_log::embedded {
namespace {

/// A key record as read from a segment; `key` has views into `bytes`.
struct ReadKey {
  KeyAddress address;
  std::string bytes;
  StoredKey key;
};

std::unexpected<LogError> corrupt(const KeyAddress& address) {
  return std::unexpected(damaged_key(address));
}

Result<std::unique_ptr<ReadKey>> read_key(const KeyAddress& address) {
  auto read =
      std::make_unique<ReadKey>(ReadKey{address, std::string(kKeyRecordBytesMax, '\0'), {}});
  const auto got = address.segment->file->read_at(address.offset, read->bytes);
  if (!got) return std::unexpected(got.error());
  const auto key = decode_key(std::string_view(read->bytes).substr(0, *got));
  if (!key) return corrupt(address);
  read->key = *key;
  return read;
}

/// The records under that name, the oldest first.
Result<std::vector<std::unique_ptr<ReadKey>>> records_of(const Segments& segments,
                                                         Partition partition,
                                                         std::string_view name) {
  std::vector<std::unique_ptr<ReadKey>> records;
  for (const KeyAddress& address : segments.keys(key_hash(partition, name))) {
    auto read = read_key(address);
    if (!read) return std::unexpected(read.error());
    if ((*read)->key.partition == partition && (*read)->key.name == name)
      records.push_back(std::move(*read));
  }
  return records;
}

/// Overwrites what was put under the name before its last tombstone.
Result<void> overwrite_one(const Segments& segments, const KeyName& name,
                           std::set<File*>& touched) {
  const auto records = records_of(segments, name.partition, name.name);
  if (!records) return std::unexpected(records.error());
  const auto is_tombstone = [](const auto& record) { return record->key.value.empty(); };
  const auto last_tombstone = std::find_if(records->rbegin(), records->rend(), is_tombstone).base();
  for (auto record = records->begin(); record != last_tombstone; ++record) {
    const auto& [address, bytes, key] = **record;
    if (key.value.empty()) continue;
    // Also where zeros are read: after a failed sync they may be in memory alone.
    std::string destroyed(1 + key.value.size(), '\0');
    destroyed.front() = static_cast<char>(KeyState::destroyed);
    File& file = *address.segment->file;
    if (auto done = file.write_at(address.offset + key.state_offset, destroyed); !done) return done;
    touched.insert(&file);
  }
  return {};
}

/// The names on a segment's records whose values look damaged.
Result<std::vector<KeyName>> damaged_records(const KeysOfSegment& keys) {
  std::vector<KeyName> names;
  if (keys.offsets.empty()) return names;
  const auto mapping = keys.segment->file->map();
  if (!mapping) return std::unexpected(mapping.error());
  const std::span<const char> mapped = (*mapping)->bytes();
  const std::string_view bytes(mapped.data(), mapped.size());
  for (const std::uint32_t offset : keys.offsets) {
    const auto key = decode_key(bytes.substr(std::min<std::size_t>(offset, bytes.size())));
    if (!key) return corrupt({keys.segment, offset});
    if (key->is_damaged()) names.push_back({key->partition, std::string(key->name)});
  }
  return names;
}

}  // namespace

LogError damaged_key(const KeyAddress& address) {
  return {LogErrorKind::corrupt, address.segment->path.string() + " is damaged at byte " +
                                     std::to_string(address.offset) +
                                     " (a wrapped key); restore the file from a copy"};
}

Result<void> Erasure::destroy(std::span<const KeyName> keys) {
  auto done = overwrite(keys);
  if (!done) {
    const std::lock_guard lock(mutex_);
    left_.insert(left_.end(), keys.begin(), keys.end());
  }
  return done;
}

Result<void> Erasure::retry() {
  const std::lock_guard lock(mutex_);
  auto done = overwrite(left_);
  if (done) left_.clear();
  return done;
}

bool Erasure::is_complete() const {
  const std::lock_guard lock(mutex_);
  return left_.empty();
}

Result<void> Erasure::overwrite(std::span<const KeyName> keys) const {
  std::set<File*> touched;
  for (const KeyName& key : keys)
    if (auto done = overwrite_one(segments_, key, touched); !done) return done;
  for (File* const file : touched)
    if (auto done = file->sync(); !done) return done;
  return {};
}

Result<std::optional<std::string>> find_key(const Segments& segments, Partition partition,
                                            std::string_view name) {
  const auto records = records_of(segments, partition, name);
  if (!records) return std::unexpected(records.error());
  if (records->empty()) return std::nullopt;
  const auto& [address, bytes, key] = *records->back();
  if (key.value.empty()) return std::nullopt;
  if (key.state != KeyState::live || !key.value_is_whole) return corrupt(address);
  return std::string(key.value);
}

Result<std::set<KeyName>> find_damaged_keys(const Segments& segments) {
  std::set<KeyName> damaged;
  std::uint64_t next = 0;
  while (const auto keys = segments.keys_from(next)) {
    next = keys->segment->header.number + 1;
    const auto suspects = damaged_records(*keys);
    if (!suspects) return std::unexpected(suspects.error());
    for (const KeyName& name : *suspects) {
      const auto found = find_key(segments, name.partition, name.name);
      if (found) continue;  // another record under the name is what counts, or a tombstone
      if (found.error().kind != LogErrorKind::corrupt) return std::unexpected(found.error());
      damaged.insert(name);
    }
  }
  return damaged;
}

}  // namespace boxoffice::event_log::embedded
