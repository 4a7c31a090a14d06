#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "commands/processor/key_memory.hpp"

namespace boxoffice::processor {

/// Says of an id at once that it is new, where a look at the disk would take a thousand times as
/// long. It may take a new one for known (one in two hundred, per generation), never a known one
/// for new.
///
/// A chain of blocked Bloom filters (Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient
/// Bloom Filters", 2007): all of an id's bits lie in one cache line. Nothing is ever rehashed;
/// whole generations are dropped, the oldest first.
class KeyFilter {
 public:
  /// Twelve bits a key. REQUIRES: both at least 1.
  KeyFilter(std::size_t generation_keys, std::size_t generations_max);

  bool may_hold(const schema::CommandId& id) const;
  /// Has the processor fetch what `may_hold` and `insert` will look at.
  void prefetch(const schema::CommandId& id) const;

  /// Where there are too many, the oldest generation is given up, and what `complete` asks for is
  /// not the case until the window has left it behind.
  void insert(const schema::CommandId& id, schema::Instant decided);

  /// Takes what `older` holds along, as older than all that is here.
  void prepend(KeyFilter older);

  /// Drops what was decided before `horizon`, by the generation.
  void drop_before(schema::Instant horizon);

  /// Whether all keys decided since `horizon` are in here, of those that were inserted.
  bool complete(schema::Instant horizon) const { return !given_up_ || *given_up_ < horizon; }

  void clear();

 private:
  struct Line;
  struct Freed {
    void operator()(Line* lines) const;
  };
  struct Generation {
    std::unique_ptr<Line[], Freed> lines;
    std::size_t used = 0;
    schema::Instant last_decided{};
  };

  void begin_generation();
  void note_given_up(std::optional<schema::Instant> decided);
  void keep_within_bounds();

  const std::size_t generation_keys_;
  const std::size_t lines_;  ///< of a generation
  const std::size_t generations_max_;
  std::deque<Generation> generations_;       // the oldest first
  std::optional<schema::Instant> given_up_;  ///< what was decided no later is not in here
};

}  // namespace boxoffice::processor
