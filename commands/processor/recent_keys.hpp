#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "commands/processor/key_memory.hpp"

namespace boxoffice::processor {

/// Bound keys in memory, 32 bytes each and half as much again for the table's air.
///
/// A chain of open-addressed tables (generations). Keys go into the newest; when it is three
/// quarters full another is begun, so that nothing is ever rehashed and no insertion pauses. Whole
/// generations are dropped, the oldest first.
class RecentKeys {
 public:
  /// REQUIRES: `slots` is a power of two.
  explicit RecentKeys(std::size_t slots);

  /// The newest entry of that id; nullptr where there is none. Valid until the next call of another
  /// function.
  std::optional<BoundKey> find(const schema::CommandId& id) const;

  /// Has the processor fetch where an entry of that id would be inserted.
  void prefetch(const schema::CommandId& id) const;

  /// Another entry of the same id hides the older.
  void insert(const BoundKey& key, schema::Instant decided);

  /// Drops the oldest generation if all of it was decided before `horizon`; false if there is none
  /// such.
  bool drop_if_before(schema::Instant horizon);
  /// Drops the oldest generations while more than `generations_max` remain and all of theirs is
  /// among the first `ordinal` insertions. True if there was one.
  bool drop_beyond(std::size_t generations_max, std::uint64_t ordinal);
  void clear();

  std::size_t size() const { return size_; }
  /// Insertions so far.
  std::uint64_t ordinal() const { return ordinal_; }

 private:
  struct Slot {
    std::array<std::uint8_t, 16> id;
    std::array<std::uint8_t, 8> tag;
    std::uint64_t place;  // partition in the upper 16 bits, sequence below; 0: free
  };
  static_assert(sizeof(Slot) == 32);

  struct Freed {
    void operator()(Slot* slots) const;
  };
  struct Generation {
    std::unique_ptr<Slot[], Freed> slots;
    std::size_t used = 0;
    std::uint64_t last_ordinal = 0;
    schema::Instant last_decided{};
  };

  void begin_generation();

  const std::size_t slots_;
  std::deque<Generation> generations_;  // the oldest first
  std::size_t size_ = 0;
  std::uint64_t ordinal_ = 0;
};

}  // namespace boxoffice::processor
