#pragma once

#include "commands/processor/recent_keys.hpp"

namespace boxoffice::processor {

struct MemoryKeysSettings {
  std::size_t keys_max = 16u << 20;
  std::chrono::milliseconds window = std::chrono::hours(24);
  std::size_t generation_slots = 1u << 14;
};

/// Keys in memory alone: after a restart all of the window is read from the log again.
class MemoryKeys final : public KeyMemory {
 public:
  explicit MemoryKeys(MemoryKeysSettings settings = {});

  void restart() override;
  schema::Sequence known_through(schema::Partition partition) override;
  std::expected<std::optional<BoundKey>, std::string> find(const schema::CommandId& id) override;
  void prefetch(const schema::CommandId& id) const override;
  bool has_room(schema::Instant now) override;
  void remember(const BoundKey& key, schema::Instant decided) override;
  void committed(std::span<const schema::Position> through, schema::Instant now) override;
  void save(schema::Instant now) override;
  std::size_t size() const override;

 private:
  const MemoryKeysSettings settings_;
  RecentKeys recent_;
};

}  // namespace boxoffice::processor
