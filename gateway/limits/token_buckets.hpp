#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace boxoffice::gateway::limits {

/// So many at once, and then so many a second. REQUIRES: both at least 1.
struct Rate {
  std::uint32_t per_second = 1;
  std::uint32_t burst = 1;
  /// Slower than once a second: so many in `window`, instead of in a second.
  std::chrono::seconds window{1};
};

/// What became of one token asked for.
struct Taken {
  bool granted = true;
  std::uint32_t remaining = 0;              ///< tokens still there
  std::chrono::nanoseconds retry_after{0};  ///< until one is there again; of a refusal
  std::chrono::nanoseconds full_after{0};   ///< until all are there again
};

/// Token buckets by key, in a table of fixed size. Thread-safe.
///
/// A bucket is one number: the time at which it will be full again (the "theoretical arrival time"
/// of the generic cell rate algorithm, ITU-T I.371). A bucket that is full is the same as none, so
/// it may be forgotten; where a place is wanted and none is full, the fullest gives way: a flood of
/// new keys may make one of them fuller than it was, never emptier.
class TokenBuckets {
 public:
  using Time = std::chrono::steady_clock::time_point;

  TokenBuckets(Rate rate, std::size_t buckets);

  /// Takes a token of `key`'s bucket, if there is one.
  Taken take(std::string_view key, Time now);

  const Rate& rate() const { return rate_; }

 private:
  struct Bucket {
    std::uint64_t key = 0;
    std::int64_t full_at = 0;  ///< nanoseconds of the steady clock
  };
  static constexpr std::size_t kWays = 8;
  struct alignas(64) Set {
    std::mutex mutex;
    std::array<Bucket, kWays> buckets;
  };

  std::uint64_t hash(std::string_view key) const;
  Set& set_of(std::uint64_t hash) const { return sets_[hash % set_count_]; }
  Taken judge(std::int64_t full_at, std::int64_t now) const;

  Rate rate_;
  std::int64_t token_ns_;     ///< time in which one token comes back
  std::int64_t capacity_ns_;  ///< time in which all do
  std::uint64_t seed_;        ///< so that nobody can choose keys that share a set
  std::size_t set_count_;
  std::unique_ptr<Set[]> sets_;
};

}  // namespace boxoffice::gateway::limits
