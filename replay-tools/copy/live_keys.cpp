#include "replay-tools/copy/live_keys.hpp"

#include <algorithm>
#include <cstring>

#include "sealing/sealing.hpp"

namespace boxoffice::replay {
namespace {

std::uint64_t fingerprint(std::string_view text) {
  const schema::Digest digest = sealing::sha256(text);
  std::uint64_t bits = 0;
  std::memcpy(&bits, digest.bytes.data(), sizeof bits);
  return bits;
}

}  // namespace

event_log::Result<LiveKeys> LiveKeys::of(event_log::Log& log) {
  LiveKeys keys;
  const auto read = log.read_keys([&keys](const event_log::KeyRecord& key) {
    keys.keys_.push_back(key_of(key));
    return true;
  });
  if (!read) return std::unexpected(read.error());
  keys.keep_the_newest();
  return keys;
}

bool LiveKeys::has(const event_log::KeyRecord& key) const {
  const Key wanted = key_of(key);
  const Key* found = find(wanted.name);
  return found != nullptr && *found == wanted;
}

bool LiveKeys::has_name(const event_log::KeyRecord& key) const {
  return find(key_of(key).name) != nullptr;
}

LiveKeys::Key LiveKeys::key_of(const event_log::KeyRecord& key) {
  return {.name = fingerprint(std::to_string(key.partition.value) + ' ' + key.name),
          .value = key.value.empty() ? 0 : fingerprint(key.value)};
}

const LiveKeys::Key* LiveKeys::find(std::uint64_t name) const {
  const auto found = std::ranges::lower_bound(keys_, name, {}, &Key::name);
  return found != keys_.end() && found->name == name ? &*found : nullptr;
}

void LiveKeys::keep_the_newest() {
  std::ranges::stable_sort(keys_, {}, &Key::name);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const bool is_newest = i + 1 == keys_.size() || keys_[i + 1].name != keys_[i].name;
    if (is_newest && keys_[i].value != 0) keys_[kept++] = keys_[i];
  }
  keys_.resize(kept);
}

}  // namespace boxoffice::replay
