#pragma once

#include <map>
#include <mutex>
#include <span>

#include "event-log/kafka/lanes.hpp"

/// What is remembered about where events lie, so that few are searched for. Bounded; all of it can
/// be found again. Thread-safe.
namespace boxoffice::event_log::kafka {

/// Between which offsets each lane's first record with a sequence of at least the one that was
/// asked for lies: at or after `from`, and at or before `to` where that is known.
struct Bracket {
  Sequence mark;  ///< `from` is exact for this sequence
  Offsets from{};
  std::optional<Offsets> to;
};

/// A sparse index of one partition: for some sequences, the offset in each lane before which all
/// records have smaller ones, and from which on all have as large ones or larger.
class Marks {
 public:
  void remember(Sequence sequence, const Offsets& offsets);
  [[nodiscard]] Bracket around(Sequence sequence) const;

 private:
  static constexpr std::size_t kMarksMax = 512;

  void thin_out();

  mutable std::mutex mutex_;
  std::map<Sequence, Offsets> marks_;  // guarded by mutex_
  std::uint64_t spacing_ = 64;         // guarded by mutex_
};

/// The exact places of events that were written or read lately, of all partitions.
class Places {
 public:
  struct Place {
    Position position;  // sequence 0: none
    std::uint32_t lane = 0;
    std::int64_t offset = 0;
  };

  void remember(std::span<const Place> places);
  [[nodiscard]] std::optional<Place> find(Position position) const;

 private:
  static constexpr std::size_t kPlaces = std::size_t{1} << 16;

  static std::size_t slot(Position position);

  mutable std::mutex mutex_;
  std::vector<Place> places_{kPlaces};  // guarded by mutex_
};

}  // namespace boxoffice::event_log::kafka
