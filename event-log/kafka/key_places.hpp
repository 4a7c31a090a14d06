#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event-log/log.hpp"

namespace boxoffice::event_log::kafka {

/// Where the records of wrapped keys lie in their topic, on this machine's disk: some twenty bytes
/// for each record and a few megabytes of memory, however many there are. It can be made again from
/// the topic, and says up to where of each partition it is complete. Thread-safe.
class KeyPlaces {
 public:
  /// Where one record lies. Other names may have the same hash.
  struct Place {
    std::uint64_t hash;
    std::int64_t offset;
    auto operator<=>(const Place&) const = default;
  };

  /// Stays the same, for it is on disk.
  static std::uint64_t hash(std::string_view name);

  /// Opens or makes `directory`. What is there of another topic than `topic` (whatever tells it
  /// from all others) is thrown away.
  [[nodiscard]] static Result<std::unique_ptr<KeyPlaces>> open(const std::string& directory,
                                                               std::string_view topic);
  ~KeyPlaces();

  /// The offset before which all of the partition's records are known.
  [[nodiscard]] Result<std::int64_t> known_to(Partition partition) const;
  /// What came behind `known_to`, up to where: all or nothing. Puts the places in order.
  [[nodiscard]] Result<void> add(Partition partition, std::span<Place> places,
                                 std::int64_t known_to);
  [[nodiscard]] Result<void> forget(Partition partition);

  /// The offsets of all records with that hash, the newest first.
  [[nodiscard]] Result<std::vector<std::int64_t>> find(Partition partition,
                                                       std::uint64_t hash) const;

 private:
  struct Rows;
  explicit KeyPlaces(std::unique_ptr<Rows> rows);

  const std::unique_ptr<Rows> rows_;
};

}  // namespace boxoffice::event_log::kafka
