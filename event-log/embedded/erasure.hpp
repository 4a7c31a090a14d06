#pragma once

#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "event-log/embedded/segments.hpp"

namespace boxoffice::event_log::embedded {

/// Destroys wrapped keys by overwriting their bytes where they lie, once a tombstone after them is
/// durable. What a crash or an I/O error interrupts is done again: tombstones stand in segments
/// without an index file until their keys are overwritten. Thread-safe.
///
/// Not reached is what opening put aside of a torn end (`keep_torn_end`): keys of commands that
/// were never answered, still wrapped. An operator deletes such a file once it was looked at.
class Erasure {
 public:
  explicit Erasure(const Segments& segments) : segments_(segments) {}

  /// Overwrites all values put under each key's name before its last tombstone, and syncs. After an
  /// error the keys are left to `retry`.
  [[nodiscard]] Result<void> destroy(std::span<const KeyName> keys);
  [[nodiscard]] Result<void> retry();
  [[nodiscard]] bool is_complete() const;

 private:
  Result<void> overwrite(std::span<const KeyName> keys) const;

  const Segments& segments_;
  mutable std::mutex mutex_;
  std::vector<KeyName> left_;  // guarded by mutex_
};

/// The error of a key record that reads differently now.
[[nodiscard]] LogError damaged_key(const KeyAddress& address);

/// The value last put under the name; nullopt where there is none or it was destroyed; `corrupt`
/// where it is damaged.
[[nodiscard]] Result<std::optional<std::string>> find_key(const Segments& segments,
                                                          Partition partition,
                                                          std::string_view name);

/// The names under which `find_key` finds damage; looks at every key record there is.
[[nodiscard]] Result<std::set<KeyName>> find_damaged_keys(const Segments& segments);

}  // namespace boxoffice::event_log::embedded
