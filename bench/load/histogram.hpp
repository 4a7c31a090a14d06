#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <vector>

namespace boxoffice::bench {

/// Latencies in log-linear buckets, as HdrHistogram keeps them: 128 buckets for each power of two,
/// so that every figure is within a hundredth of the truth at any size. `max` is exact. Not
/// thread-safe.
class Histogram {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  void record(Nanoseconds latency) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
    ++buckets_[index_of(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    max_ = std::max(max_, value);
  }

  std::uint64_t count() const { return count_; }
  Nanoseconds max() const { return Nanoseconds(max_); }
  double mean_ns() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

  /// The smallest bucket's upper end below which `fraction` (0 to 1) of all values lie; zero where
  /// there is no value.
  Nanoseconds quantile(double fraction) const {
    const auto wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(count_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t index = 0; index < buckets_.size(); ++index) {
      seen += buckets_[index];
      if (buckets_[index] != 0 && seen >= wanted)
        return Nanoseconds(std::min(upper_end_of(index), max_));
    }
    return max();
  }

 private:
  static constexpr int kSubBits = 7;
  static constexpr std::size_t kSubBuckets = 1u << kSubBits;

  static std::size_t index_of(std::uint64_t value) {
    const int shift = std::max(static_cast<int>(std::bit_width(value)) - kSubBits - 1, 0);
    return static_cast<std::size_t>(shift) * kSubBuckets + static_cast<std::size_t>(value >> shift);
  }

  static std::uint64_t upper_end_of(std::size_t index) {
    if (index < 2 * kSubBuckets) return index;
    const std::size_t shift = index / kSubBuckets - 1;
    const std::uint64_t mantissa = index - shift * kSubBuckets;
    return ((mantissa + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(66 * kSubBuckets);
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace boxoffice::bench
