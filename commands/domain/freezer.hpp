#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace boxoffice::domain {

/// Knows which chunks of a state a frozen copy of it may still be reading.
///
/// Each freeze ends a generation. A chunk made in an earlier generation may be shared with a frozen
/// copy, unless every copy is gone: then it is the owner's again. (A chunk's own use_count would
/// not do: it orders no memory, so the last reader's reads could race with the owner's writes.)
///
/// `freeze` and the questions belong to the owner's thread; a Reading is dropped on any.
class Freezer {
 public:
  using Generation = std::uint32_t;
  /// Held by a frozen copy for as long as it reads.
  using Reading = std::shared_ptr<const void>;

  Reading freeze() {
    ++generation_;
    readings_->fetch_add(1, std::memory_order_relaxed);
    return Reading(readings_.get(), [readings = readings_](const void*) {
      readings->fetch_sub(1, std::memory_order_release);
    });
  }

  /// The generation of chunks that are made now.
  Generation now() const { return generation_; }

  bool maybe_read(Generation made) const {
    return made < generation_ && readings_->load(std::memory_order_acquire) != 0;
  }

 private:
  using Readings = std::atomic<std::uint32_t>;
  std::shared_ptr<Readings> readings_ = std::make_shared<Readings>(0);
  Generation generation_ = 0;
};

}  // namespace boxoffice::domain
