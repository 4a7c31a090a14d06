#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "event-log/followers.hpp"
#include "event-log/log.hpp"

namespace boxoffice::event_log {

/// One event as it is stored. `bytes` holds the value and behind it `schema::kPadding` zeros.
struct KeptEvent {
  Topic topic{};
  std::string bytes;

  std::string_view value() const {
    return std::string_view(bytes).substr(0, bytes.size() - schema::kPadding);
  }
};

struct KeptPartition {
  std::deque<KeptEvent> events;  // references stay good while it grows, so cursors hand out views
  std::map<std::string, std::string, std::less<>> keys;
  std::uint64_t owner = 0;  // the writer that took over last; 0: none yet
  std::size_t visible = 0;  // how many events are shown
  std::vector<KeyRecord> hidden_keys;
  bool hiding = false;
};

/// All that outlives a `Log`. Guarded by `mutex`, but for the constants.
class MemoryStore {
 public:
  MemoryStore(std::uint16_t partitions, std::string deployment);

  Sequence end(Partition partition) const { return {kept[partition.value].visible}; }
  std::vector<Sequence> durable_ends() const;
  void store(const Batch& batch);
  /// From now on what is stored in the batch's partitions remains unseen.
  void hide(const Batch& batch);
  void show(KeptPartition& partition);

  const std::string deployment;
  mutable std::mutex mutex;
  std::vector<KeptPartition> kept;
  std::uint64_t last_writer = 0;
  std::vector<std::shared_ptr<const Batch>> in_doubt;

  std::mutex
      turn;  // held by an append or a take-over until its followers were called; before `mutex`
  Followers followers;
};

}  // namespace boxoffice::event_log
