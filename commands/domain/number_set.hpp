#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "commands/domain/cow_array.hpp"

namespace boxoffice::domain {

/// A set of ticket numbers that gives its lowest in a few steps: a bit for each number up to the
/// highest that was ever in, and above the bits levels of summaries, one bit for 64 of the level
/// below. Ten million numbers take 1.25 MB; nothing is taken while the set was always empty.
class NumberSet {
 public:
  using Words = CowArray<std::uint64_t, 64>;

  explicit NumberSet(const Freezer& freezer) : words_(freezer) {}

  std::uint32_t size() const { return size_; }
  std::optional<std::uint32_t> lowest() const;

  /// REQUIRES: `number` is not in.
  void insert(std::uint32_t number);
  /// REQUIRES: `number` is in.
  void erase(std::uint32_t number);

  /// The bits alone; the summaries follow from them.
  Words::Frozen frozen() const { return words_.frozen(); }
  /// Takes one more word of bits, as they stand in a frozen set.
  void restore_word(std::uint64_t bits);

  std::size_t memory_bytes() const;

 private:
  void mark_summaries(std::size_t word);

  Words words_;
  std::array<std::vector<std::uint64_t>, 3> summaries_;  ///< the lowest level first
  std::uint32_t size_ = 0;
};

}  // namespace boxoffice::domain
