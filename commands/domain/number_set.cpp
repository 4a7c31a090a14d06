#include "commands/domain/number_set.hpp"

#include <bit>

#include "commands/domain/require.hpp"

namespace boxoffice::domain {
namespace {

constexpr std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << (i % 64); }

}  // namespace

std::optional<std::uint32_t> NumberSet::lowest() const {
  if (size_ == 0) return std::nullopt;
  std::size_t i = 0;
  while (summaries_.back()[i] == 0) ++i;  // at most 256 words, for numbers of 32 bits
  for (auto level = summaries_.rbegin(); level != summaries_.rend(); ++level)
    i = i * 64 + static_cast<std::size_t>(std::countr_zero((*level)[i]));
  return static_cast<std::uint32_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(words_[i])));
}

void NumberSet::insert(std::uint32_t number) {
  const std::size_t word = number / 64;
  while (words_.size() <= word) words_.grow();
  std::uint64_t& bits = words_.writable(word);
  require((bits & bit(number)) == 0);
  bits |= bit(number);
  ++size_;
  mark_summaries(word);
}

void NumberSet::erase(std::uint32_t number) {
  std::size_t i = number / 64;
  require(i < words_.size());
  std::uint64_t& bits = words_.writable(i);
  require((bits & bit(number)) != 0);
  bits &= ~bit(number);
  --size_;
  bool empty = bits == 0;
  for (auto level = summaries_.begin(); empty && level != summaries_.end(); ++level, i /= 64) {
    (*level)[i / 64] &= ~bit(i);
    empty = (*level)[i / 64] == 0;
  }
}

void NumberSet::restore_word(std::uint64_t bits) {
  words_.grow() = bits;
  size_ += static_cast<std::uint32_t>(std::popcount(bits));
  if (bits != 0) mark_summaries(words_.size() - 1);
}

void NumberSet::mark_summaries(std::size_t word) {
  for (std::vector<std::uint64_t>& level : summaries_) {
    if (level.size() <= word / 64) level.resize(word / 64 + 1);
    level[word / 64] |= bit(word);
    word /= 64;
  }
}

std::size_t NumberSet::memory_bytes() const {
  std::size_t bytes = words_.memory_bytes();
  for (const std::vector<std::uint64_t>& level : summaries_)
    bytes += level.capacity() * sizeof(level[0]);
  return bytes;
}

}  // namespace boxoffice::domain
