#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "commands/domain/freezer.hpp"

namespace boxoffice::domain {

/// A growing array in chunks that frozen copies share until the owner writes to them.
///
/// Growing never moves what is there; freezing copies one pointer per chunk; the first write to a
/// chunk that a frozen copy may be reading clones that chunk. The owner's thread does all of that;
/// a Frozen may be read on any thread, while the Reading of its freeze lasts.
///
/// `T`s of a size that is a power of two make chunks that fill an allocator's block: what is
/// known about a chunk stands beside it.
template <class T, std::size_t kPerChunk>
class CowArray {
  using Items = std::array<T, kPerChunk>;
  struct Chunk {
    std::shared_ptr<Items> items;
    Freezer::Generation made;
  };

 public:
  class Frozen {
   public:
    std::size_t size() const { return size_; }
    const T& operator[](std::size_t i) const { return (*chunks_[i / kPerChunk])[i % kPerChunk]; }

   private:
    friend CowArray;
    std::vector<std::shared_ptr<const Items>> chunks_;
    std::size_t size_ = 0;
  };

  /// `freezer` must outlive the array.
  explicit CowArray(const Freezer& freezer) : freezer_(&freezer) {}

  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const {
    return (*chunks_[i / kPerChunk].items)[i % kPerChunk];
  }

  /// The item, to be written to. Valid until the next freeze.
  T& writable(std::size_t i) {
    Chunk& chunk = chunks_[i / kPerChunk];
    if (freezer_->maybe_read(chunk.made))
      chunk = {std::shared_ptr<Items>(new Items(*chunk.items)), freezer_->now()};
    return (*chunk.items)[i % kPerChunk];
  }

  /// One more item, of value T{}.
  T& grow() {
    if (size_ == chunks_.size() * kPerChunk)
      chunks_.push_back({std::shared_ptr<Items>(new Items{}), freezer_->now()});
    return writable(size_++);
  }

  Frozen frozen() const {
    Frozen copy;
    copy.chunks_.reserve(chunks_.size());
    for (const Chunk& chunk : chunks_) copy.chunks_.push_back(chunk.items);
    copy.size_ = size_;
    return copy;
  }

  std::size_t memory_bytes() const {
    return chunks_.size() * (sizeof(Items) + kSharingBytes) + chunks_.capacity() * sizeof(Chunk);
  }

 private:
  static constexpr std::size_t kSharingBytes = 24;  ///< what a shared pointer keeps beside it

  const Freezer* freezer_;
  std::vector<Chunk> chunks_;
  std::size_t size_ = 0;
};

}  // namespace boxoffice::domain
