#pragma once

#include <array>
#include <atomic>
#include <string>

#include "gateway/limits/token_buckets.hpp"

namespace boxoffice::gateway::limits {

/// What is limited. A device is a key of the role gate or supervisor, a principal any other key.
/// Who has a key is limited by it alone, for a whole house may be behind one address.
enum class Policy { ip, principal, device, sign_in };
inline constexpr std::size_t kPolicies = 4;
std::string_view name_of(Policy policy);

struct LimitSettings {
  bool on = true;
  Rate ip{.per_second = 20, .burst = 60};
  Rate principal{.per_second = 200, .burst = 400};
  Rate device{.per_second = 200, .burst = 400};
  /// Wrong keys and tokens, by IP: ten at once, then ten a minute.
  Rate sign_in{.per_second = 10, .burst = 10, .window = std::chrono::seconds(60)};
  std::size_t buckets = 128 * 1024;  ///< of each policy; 24 bytes each
};

/// All limits of a gateway. Thread-safe. Switched off, it grants everything and tells nothing.
class Limiter {
 public:
  explicit Limiter(const LimitSettings& settings);

  Taken take(Policy policy, std::string_view key);

  bool on() const { return on_; }
  /// Values of the headers `RateLimit` and `RateLimit-Policy`
  /// (draft-ietf-httpapi-ratelimit-headers-08).
  std::string header(Policy policy, const Taken& taken) const;
  std::string_view policy_header(Policy policy) const;
  /// Whole seconds, at least 1.
  static std::int64_t retry_after_s(const Taken& taken);

  /// How many were refused since the start.
  std::uint64_t refused(Policy policy) const { return refused_[index(policy)]; }

 private:
  static std::size_t index(Policy policy) { return static_cast<std::size_t>(policy); }

  bool on_;
  std::array<TokenBuckets, kPolicies> buckets_;
  std::array<std::string, kPolicies> policy_headers_;
  std::array<std::atomic<std::uint64_t>, kPolicies> refused_{};
};

}  // namespace boxoffice::gateway::limits
