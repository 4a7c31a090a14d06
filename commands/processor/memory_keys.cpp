#include "commands/processor/memory_keys.hpp"

namespace boxoffice::processor {

MemoryKeys::MemoryKeys(MemoryKeysSettings settings)
    : settings_(settings), recent_(settings.generation_slots) {}

void MemoryKeys::restart() { recent_.clear(); }

schema::Sequence MemoryKeys::known_through(schema::Partition) { return {}; }

std::expected<std::optional<BoundKey>, std::string> MemoryKeys::find(const schema::CommandId& id) {
  return recent_.find(id);
}

void MemoryKeys::prefetch(const schema::CommandId& id) const { recent_.prefetch(id); }

bool MemoryKeys::has_room(schema::Instant now) {
  while (recent_.size() >= settings_.keys_max)
    if (!recent_.drop_if_before(now - settings_.window)) return false;
  return true;
}

void MemoryKeys::remember(const BoundKey& key, schema::Instant decided) {
  recent_.insert(key, decided);
}

void MemoryKeys::committed(std::span<const schema::Position>, schema::Instant now) {
  recent_.drop_if_before(now - settings_.window);
}

void MemoryKeys::save(schema::Instant) {}

std::size_t MemoryKeys::size() const { return recent_.size(); }

}  // namespace boxoffice::processor
