#include "gateway/limits/limiter.hpp"

#include <fmt/format.h>

namespace boxoffice::gateway::limits {

namespace {

using Seconds = std::chrono::seconds;

/// What switched-off limits cost in memory.
std::size_t bucket_count(const LimitSettings& settings) {
  return settings.on ? settings.buckets : 1;
}

std::int64_t whole_seconds(std::chrono::nanoseconds time) {
  return std::chrono::ceil<Seconds>(time).count();
}

}  // namespace

std::string_view name_of(Policy policy) {
  switch (policy) {
    case Policy::ip:
      return "ip";
    case Policy::principal:
      return "principal";
    case Policy::device:
      return "device";
    case Policy::sign_in:
      return "sign-in";
  }
  return "";
}

Limiter::Limiter(const LimitSettings& settings)
    : on_(settings.on),
      buckets_{TokenBuckets(settings.ip, bucket_count(settings)),
               TokenBuckets(settings.principal, bucket_count(settings)),
               TokenBuckets(settings.device, bucket_count(settings)),
               TokenBuckets(settings.sign_in, bucket_count(settings))} {
  for (std::size_t i = 0; i < kPolicies; ++i) {
    const Rate& rate = buckets_[i].rate();
    // The quota is the whole bucket; the window the time in which an empty one fills.
    const auto window = std::chrono::nanoseconds(rate.window) * rate.burst / rate.per_second;
    policy_headers_[i] = fmt::format("\"{}\";q={};w={}", name_of(static_cast<Policy>(i)),
                                     rate.burst, whole_seconds(window));
  }
}

Taken Limiter::take(Policy policy, std::string_view key) {
  if (!on_) return {};
  const Taken taken = buckets_[index(policy)].take(key, std::chrono::steady_clock::now());
  if (!taken.granted) refused_[index(policy)].fetch_add(1, std::memory_order_relaxed);
  return taken;
}

std::string Limiter::header(Policy policy, const Taken& taken) const {
  return fmt::format("\"{}\";r={};t={}", name_of(policy), taken.remaining,
                     whole_seconds(taken.full_after));
}

std::string_view Limiter::policy_header(Policy policy) const {
  return policy_headers_[index(policy)];
}

std::int64_t Limiter::retry_after_s(const Taken& taken) {
  return std::max<std::int64_t>(1, whole_seconds(taken.retry_after));
}

}  // namespace boxoffice::gateway::limits
