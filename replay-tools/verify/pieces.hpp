#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "replay-tools/verify/wide_memory.hpp"

namespace boxoffice::replay {

/// A vector that grows by pieces, each twice as large as the one before: nothing is moved or copied
/// when it grows, and what is not used yet costs no memory.
template <class T>
class Pieces {
 public:
  std::uint32_t size() const { return size_; }

  T& operator[](std::uint32_t index) { return place(index); }
  const T& operator[](std::uint32_t index) const { return const_cast<Pieces*>(this)->place(index); }

  void push_back(const T& value) {
    if (size_ == capacity_of(pieces_.size())) {
      pieces_.emplace_back();
      pieces_.back().reserve(kFirst << (pieces_.size() - 1));
    }
    pieces_.back().push_back(value);
    ++size_;
  }

  /// REQUIRES: `value` is one of its own.
  std::uint32_t index_of(const T& value) const {
    std::size_t piece = pieces_.size() - 1;
    while (!(pieces_[piece].data() <= &value &&
             &value < pieces_[piece].data() + pieces_[piece].size()))
      --piece;
    return capacity_of(piece) + static_cast<std::uint32_t>(&value - pieces_[piece].data());
  }

 private:
  static constexpr std::uint32_t kFirst = 64;

  /// Of that many pieces.
  static std::uint32_t capacity_of(std::size_t pieces) {
    return kFirst * ((std::uint32_t{1} << pieces) - 1);
  }

  T& place(std::uint32_t index) {
    const std::uint32_t piece = static_cast<std::uint32_t>(std::bit_width(index / kFirst + 1)) - 1;
    return pieces_[piece][index - capacity_of(piece)];
  }

  std::vector<std::vector<T, WideMemory<T>>> pieces_;
  std::uint32_t size_ = 0;
};

}  // namespace boxoffice::replay
