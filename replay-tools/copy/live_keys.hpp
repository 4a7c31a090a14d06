#pragma once

#include <cstdint>
#include <vector>

#include "event-log/log.hpp"

namespace boxoffice::replay {

/// Which wrapped keys a log has, and tells whether another has the same: 16 bytes a key, by
/// fingerprints of names and values (64 bits of SHA-256).
class LiveKeys {
 public:
  /// Reads all of them.
  [[nodiscard]] static event_log::Result<LiveKeys> of(event_log::Log& log);

  /// Whether it is there with this value.
  bool has(const event_log::KeyRecord& key) const;
  /// Whether it is there, whatever its value.
  bool has_name(const event_log::KeyRecord& key) const;
  std::size_t size() const { return keys_.size(); }

  bool operator==(const LiveKeys&) const = default;

 private:
  struct Key {
    std::uint64_t name = 0;
    std::uint64_t value = 0;  ///< 0: destroyed
    bool operator==(const Key&) const = default;
  };
  static Key key_of(const event_log::KeyRecord& key);
  const Key* find(std::uint64_t name) const;
  void keep_the_newest();

  std::vector<Key> keys_;  ///< by name
};

}  // namespace boxoffice::replay
