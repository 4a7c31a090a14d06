#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "events-schema/values.hpp"

namespace boxoffice::projections {

/// Views in memory by id, for readers on any thread: finding one costs a shared lock of one of many
/// shards and a hash. A view never changes; a newer one takes its place.
template <class IdType, class View>
class Shelf {
 public:
  std::shared_ptr<const View> find(const IdType& id) const {
    const Shard& shard = shard_of(id);
    const std::shared_lock lock(shard.mutex);
    const auto found = shard.views.find(id);
    return found == shard.views.end() ? nullptr : found->second;
  }

  void put(const IdType& id, std::shared_ptr<const View> view) {
    Shard& shard = shard_of(id);
    const std::lock_guard lock(shard.mutex);
    shard.views[id].swap(view);  // the one before is released after the lock
  }

  void erase(const IdType& id) {
    Shard& shard = shard_of(id);
    const std::lock_guard lock(shard.mutex);
    shard.views.erase(id);
  }

  /// Erases all whose ids `keep` does not have.
  template <class Ids>
  void retain(const Ids& keep) {
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      std::erase_if(shard.views, [&](const auto& entry) { return !keep.contains(entry.first); });
    }
  }

 private:
  struct alignas(64) Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<IdType, std::shared_ptr<const View>, schema::IdHash> views;
  };

  static constexpr std::size_t kShards = 32;

  static std::size_t index_of(const IdType& id) { return id.bytes[15] % kShards; }
  Shard& shard_of(const IdType& id) { return shards_[index_of(id)]; }
  const Shard& shard_of(const IdType& id) const { return shards_[index_of(id)]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace boxoffice::projections
