#pragma once

#include <optional>
#include <vector>

#include "events-schema/values.hpp"
#include "replay-tools/verify/wide_memory.hpp"

namespace boxoffice::replay {

/// Which commands a partition has decided within a window of time: 16 bytes each, half of the table
/// at most in use.
class DecidedCommands {
 public:
  explicit DecidedCommands(schema::Milliseconds window) : window_(window), table_(kSizeMin) {}

  /// Where a command was decided that has (as good as surely) this id.
  std::optional<schema::Sequence> find(const schema::CommandId& id) const;

  /// `id` will be looked for soon.
  void prefetch(const schema::CommandId& id) const;

  /// REQUIRES: `sequence` and `time` are not before those of the last call. Replaces what was known
  /// of the id.
  void add(const schema::CommandId& id, schema::Sequence sequence, schema::Instant time);

 private:
  static constexpr std::size_t kSizeMin = 1024;
  struct Entry {
    std::uint64_t id = 0;
    std::uint64_t sequence = 0;  ///< 0: empty
  };
  using Table = std::vector<Entry, WideMemory<Entry>>;
  /// The first event of each stretch of time, so that old entries are known by their sequence.
  struct Mark {
    schema::Instant time;
    schema::Sequence sequence;
  };

  std::size_t home(std::uint64_t id) const;
  /// The entry of that id, or the empty one where it belongs.
  std::size_t place_of(std::uint64_t id) const;
  void make_room(schema::Instant now);

  const schema::Milliseconds window_;
  Table table_;  // its size is a power of two
  std::size_t used_ = 0;
  std::vector<Mark> marks_;
};

}  // namespace boxoffice::replay
