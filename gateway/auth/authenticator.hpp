#pragma once

#include <expected>
#include <memory>
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
  /// When this gateway last had each key's use recorded. Thread-safe.
  class Uses {
   public:
    /// Notes it; false: that was done less than an hour before.
    bool note(const schema::KeyId& key, schema::Instant now);
    /// It was not recorded after all: the next use tries again.
    void forget(const schema::KeyId& key);

   private:
    std::mutex mutex_;
    std::unordered_map<schema::KeyId, schema::Instant, schema::IdHash> noted_;  // guarded by mutex_
  };

  void note_use(const projections::KeyView& key);

  const Settings& settings_;
  const Services& services_;
  const std::shared_ptr<Uses> uses_ = std::make_shared<Uses>();  ///< answers may outlive this
};

}  // namespace boxoffice::gateway
