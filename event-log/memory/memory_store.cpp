#include "event-log/memory/memory_store.hpp"

#include "event-log/memory/memory_log.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace {

void apply(std::map<std::string, std::string, std::less<>>& keys, const KeyRecord& record) {
  if (record.value.empty())
    keys.erase(record.name);
  else
    keys[record.name] = record.value;
}

}  // namespace

MemoryStore::MemoryStore(std::uint16_t partitions, std::string deployment)
    : deployment(std::move(deployment)), kept(partitions) {
  require(partitions > 0, "a log has at least one partition");
}

std::vector<Sequence> MemoryStore::durable_ends() const {
  std::vector<Sequence> ends;
  ends.reserve(kept.size());
  for (const KeptPartition& partition : kept) ends.push_back({partition.events.size()});
  return ends;
}

void MemoryStore::store(const Batch& batch) {
  for (const CommittedEvent& event : batch.events) {
    KeptPartition& partition = kept[event.envelope.position.partition.value];
    KeptEvent& stored = partition.events.emplace_back();
    stored.topic = event.topic;
    stored.bytes.reserve(event.value.size() + schema::kPadding);
    stored.bytes.append(event.value).append(schema::kPadding, '\0');
    if (!partition.hiding) partition.visible = partition.events.size();
  }
  for (const KeyRecord& key : batch.keys) {
    KeptPartition& partition = kept[key.partition.value];
    if (partition.hiding)
      partition.hidden_keys.push_back(key);
    else
      apply(partition.keys, key);
  }
}

void MemoryStore::hide(const Batch& batch) {
  for (const CommittedEvent& event : batch.events)
    kept[event.envelope.position.partition.value].hiding = true;
  for (const KeyRecord& key : batch.keys) kept[key.partition.value].hiding = true;
}

void MemoryStore::show(KeptPartition& partition) {
  partition.hiding = false;
  partition.visible = partition.events.size();
  for (const KeyRecord& key : partition.hidden_keys) apply(partition.keys, key);
  partition.hidden_keys.clear();
}

std::shared_ptr<MemoryStore> make_memory_store(std::uint16_t partitions, std::string deployment) {
  return std::make_shared<MemoryStore>(partitions, std::move(deployment));
}

void reveal(MemoryStore& store) {
  const std::lock_guard lock(store.mutex);
  for (KeptPartition& partition : store.kept) store.show(partition);
}

}  // namespace boxoffice::event_log
