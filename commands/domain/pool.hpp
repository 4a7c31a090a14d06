#pragma once

#include <cstdint>

#include "commands/domain/number_set.hpp"

namespace boxoffice::domain {

/// The numbered tickets of a pool. A ticket that was never given out takes no memory; how many are
/// free follows from counts alone, so that the capacity may shrink below numbers already given.
class Pool {
 public:
  Pool(std::uint32_t capacity, const Freezer& freezer) : capacity_(capacity), returned_(freezer) {}

  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t claimed() const { return claimed_; }  ///< held, not confirmed
  std::uint32_t issued() const { return issued_; }
  std::uint32_t burned() const { return burned_; }
  std::uint32_t committed() const { return claimed_ + issued_ + burned_; }
  std::uint32_t free() const { return capacity_ - committed(); }

  /// The number to give out next: the lowest of those that came back, else the next never given.
  std::uint32_t next_number() const { return returned_.lowest().value_or(unused_from_); }

  /// REQUIRES: `capacity >= committed()`.
  void resize(std::uint32_t capacity);
  /// Gives out `number`. REQUIRES: one is free, and `number` is not given out.
  void claim(std::uint32_t number);
  void issue();
  void burn();
  void give_back_claimed(std::uint32_t number);
  void give_back_issued(std::uint32_t number);

  /// What a snapshot keeps beside the returned numbers.
  struct Counts {
    std::uint32_t claimed = 0;
    std::uint32_t issued = 0;
    std::uint32_t burned = 0;
    std::uint32_t unused_from = 1;  ///< the first number never given
  };
  Counts counts() const { return {claimed_, issued_, burned_, unused_from_}; }
  const NumberSet& returned() const { return returned_; }
  /// From a snapshot: first the words of the returned numbers, then the counts, which are false
  /// where it does not all add up.
  void restore_returned(std::uint64_t word) { returned_.restore_word(word); }
  [[nodiscard]] bool restore(const Counts& counts);

 private:
  std::uint32_t capacity_;
  std::uint32_t claimed_ = 0;
  std::uint32_t issued_ = 0;
  std::uint32_t burned_ = 0;
  std::uint32_t unused_from_ = 1;
  NumberSet returned_;
};

}  // namespace boxoffice::domain
