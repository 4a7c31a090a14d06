#include "gateway/limits/token_buckets.hpp"

#include <algorithm>
#include <random>

namespace boxoffice::gateway::limits {

namespace {

std::int64_t nanoseconds(TokenBuckets::Time time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

}  // namespace

TokenBuckets::TokenBuckets(Rate rate, std::size_t buckets)
    : rate_(rate),
      token_ns_(std::chrono::nanoseconds(rate.window).count() / rate.per_second),
      capacity_ns_(token_ns_ * rate.burst),
      seed_(random_seed()),
      set_count_(std::max<std::size_t>(1, buckets / kWays)),
      sets_(std::make_unique<Set[]>(set_count_)) {}

std::uint64_t TokenBuckets::hash(std::string_view key) const {
  std::uint64_t state = seed_;
  for (const char c : key) state = mixed(state ^ static_cast<unsigned char>(c));
  return state | 1;  // 0 is a place that was never used
}

Taken TokenBuckets::judge(std::int64_t full_at, std::int64_t now) const {
  const std::int64_t after = std::max(full_at, now) + token_ns_;
  const std::int64_t debt = after - now;
  if (debt > capacity_ns_) {
    return {.granted = false,
            .remaining = 0,
            .retry_after = std::chrono::nanoseconds(debt - capacity_ns_),
            .full_after = std::chrono::nanoseconds(full_at - now)};
  }
  return {.granted = true,
          .remaining = static_cast<std::uint32_t>((capacity_ns_ - debt) / token_ns_),
          .full_after = std::chrono::nanoseconds(debt)};
}

Taken TokenBuckets::take(std::string_view key, Time time) {
  const std::uint64_t hashed = hash(key);
  const std::int64_t now = nanoseconds(time);
  Set& set = set_of(hashed >> 1);
  std::lock_guard lock(set.mutex);
  auto found = std::ranges::find(set.buckets, hashed, &Bucket::key);
  if (found == set.buckets.end()) {
    found = std::ranges::min_element(set.buckets, {}, &Bucket::full_at);
    *found = {.key = hashed, .full_at = now};
  }
  const Taken taken = judge(found->full_at, now);
  if (taken.granted) found->full_at = std::max(found->full_at, now) + token_ns_;
  return taken;
}

}  // namespace boxoffice::gateway::limits
