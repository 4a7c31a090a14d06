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
template <class T, std::size_t kPerChunk>
class CowArray {
  struct Chunk {
    alignas(64) std::array<T, kPerChunk> items{};
    Freezer::Generation made = 0;
  };

 public:
  class Frozen {
   public:
    std::size_t size() const { return size_; }
    const T& operator[](std::size_t i) const {
      return chunks_[i / kPerChunk]->items[i % kPerChunk];
    }

   private:
    friend CowArray;
    std::vector<std::shared_ptr<const Chunk>> chunks_;
    std::size_t size_ = 0;
  };

  /// `freezer` must outlive the array.
  explicit CowArray(const Freezer& freezer) : freezer_(&freezer) {}

  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return chunks_[i / kPerChunk]->items[i % kPerChunk]; }

  /// The item, to be written to. Valid until the next freeze.
  T& writable(std::size_t i) {
    std::shared_ptr<Chunk>& chunk = chunks_[i / kPerChunk];
    if (freezer_->maybe_read(chunk->made)) {
      chunk = std::make_shared<Chunk>(*chunk);
      chunk->made = freezer_->now();
    }
    return chunk->items[i % kPerChunk];
  }

  /// One more item, of value T{}.
  T& grow() {
    if (size_ == chunks_.size() * kPerChunk) {
      chunks_.push_back(std::make_shared<Chunk>());
      chunks_.back()->made = freezer_->now();
    }
    return writable(size_++);
  }

  Frozen frozen() const {
    Frozen copy;
    copy.chunks_.assign(chunks_.begin(), chunks_.end());
    copy.size_ = size_;
    return copy;
  }

  std::size_t memory_bytes() const {
    return chunks_.size() * sizeof(Chunk) + chunks_.capacity() * sizeof(chunks_[0]);
  }

 private:
  const Freezer* freezer_;
  std::vector<std::shared_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace boxoffice::domain
