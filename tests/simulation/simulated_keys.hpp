#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "commands/processor/key_memory.hpp"
#include "event-log/memory/memory_log.hpp"
#include "tests/simulation/planted.hpp"
#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

/// What of the keys outlives a crash.
struct KeyDisk {
  std::map<schema::CommandId, processor::BoundKey> keys;
  std::map<schema::Partition, schema::Sequence> through;
};

/// Remembers keys as the product's memories do, and writes them to its disk now and then.
class SimulatedKeys final : public processor::KeyMemory {
 public:
  /// `tears` is asked at each save: true crashes the process in its midst.
  SimulatedKeys(KeyDisk& disk, Planted planted, const event_log::Log& log, Random& random,
                std::function<bool()> tears = nullptr)
      : disk_(disk),
        is_forgetful_(planted == Planted::forgotten_keys),
        log_(log),
        random_(random),
        tears_(std::move(tears)) {}

  void restart() override {
    recent_.clear();
    uncommitted_.clear();
    unsaved_.clear();
    unsaved_through_.clear();
  }

  schema::Sequence known_through(schema::Partition partition) override {
    if (is_forgetful_) return log_.end(partition);
    return disk_.through[partition];
  }

  void prefetch(const schema::CommandId&) const override {}

  std::expected<std::optional<processor::BoundKey>, std::string> find(
      const schema::CommandId& id) override {
    if (const auto found = recent_.find(id); found != recent_.end()) return found->second;
    if (const auto found = disk_.keys.find(id); found != disk_.keys.end()) return found->second;
    return std::nullopt;
  }

  bool has_room(schema::Instant) override { return true; }

  void remember(const processor::BoundKey& key, schema::Instant) override {
    recent_[key.id] = key;
    uncommitted_.push_back(key);
  }

  void committed(std::span<const schema::Position> through, schema::Instant) override {
    unsaved_.insert(unsaved_.end(), uncommitted_.begin(), uncommitted_.end());
    uncommitted_.clear();
    for (const schema::Position& position : through)
      unsaved_through_[position.partition] = position.sequence;
    if (random_.chance(100)) save({});
  }

  void save(schema::Instant) override {
    if (is_forgetful_) return;
    const bool is_torn = tears_ && tears_();
    const std::size_t written = is_torn ? random_.below(unsaved_.size() + 1) : unsaved_.size();
    for (const processor::BoundKey& key : std::span(unsaved_).first(written))
      disk_.keys[key.id] = key;
    if (is_torn) throw event_log::Crash{};
    for (const auto& [partition, sequence] : unsaved_through_) disk_.through[partition] = sequence;
    unsaved_.clear();
    unsaved_through_.clear();
  }

  std::size_t size() const override { return recent_.size(); }

 private:
  KeyDisk& disk_;
  const bool is_forgetful_;
  const event_log::Log& log_;
  Random& random_;
  const std::function<bool()> tears_;
  std::map<schema::CommandId, processor::BoundKey> recent_;
  std::vector<processor::BoundKey> uncommitted_;
  std::vector<processor::BoundKey> unsaved_;
  std::map<schema::Partition, schema::Sequence> unsaved_through_;
};

}  // namespace boxoffice::simulation
