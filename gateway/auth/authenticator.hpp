#pragma once

#include <expected>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "gateway/auth/principal.hpp"
#include "gateway/gateway.hpp"

namespace boxoffice::gateway {

enum class SignInError {
  malformed,  ///< not `Bearer <key>`
  wrong_key,  ///< unknown, deleted or not the whole of it
  behind,     ///< the read models are too old to say
};

/// Knows keys by their text, and notes their use. Thread-safe.
class Authenticator {
 public:
  /// All must outlive the authenticator.
  Authenticator(const Settings& settings, const Services& services);

  /// `authorization` is the header's value.
  std::expected<Principal, SignInError> sign_in(std::string_view authorization);

 private:
  void note_use(const projections::KeyView& key);

  const Settings& settings_;
  const Services& services_;
  std::mutex mutex_;
  /// When this gateway last had a key's use recorded; guarded by mutex_.
  std::unordered_map<schema::KeyId, schema::Instant, schema::IdHash> noted_;
};

}  // namespace boxoffice::gateway
