// Bearer secrets that are stored nowhere: each derives from what it is for, and only the deployment
// can make it.

#include <algorithm>

#include "sealing/keys.hpp"

namespace boxoffice::sealing {
namespace {

constexpr std::string_view kClaimPrefix = "ct_";
constexpr std::string_view kKeyPrefix = "bo_";
constexpr std::size_t kKeySecretLength = 43;  // of 32 bytes in base64url
constexpr std::size_t kKeyTextLength =
    kKeyPrefix.size() + schema::kIdTextLength + 1 + kKeySecretLength;

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string Vault::claim_token(const schema::OccasionId& occasion,
                               const schema::ClaimId& claim) const {
  const schema::Digest mac = keys_->claim_token.of_parts({raw(occasion), raw(claim)});
  return std::string(kClaimPrefix).append(schema::base64url(mac.bytes));
}

bool Vault::is_claim_token(const schema::OccasionId& occasion, const schema::ClaimId& claim,
                           std::string_view token) const {
  return equal_in_constant_time(claim_token(occasion, claim), token);
}

std::string Vault::key_text(const schema::KeyId& key) const {
  const schema::Digest mac = keys_->api_key.of(raw(key));
  return std::string(kKeyPrefix)
      .append(schema::to_text(key))
      .append("_")
      .append(schema::base64url(mac.bytes));
}

schema::Digest Vault::key_hash(std::string_view key_text) { return sha256(key_text); }

std::optional<schema::KeyId> Vault::key_id(std::string_view key_text) {
  constexpr std::size_t kSeparator = kKeyPrefix.size() + schema::kIdTextLength;
  if (key_text.size() != kKeyTextLength || !key_text.starts_with(kKeyPrefix) ||
      key_text[kSeparator] != '_' ||
      !std::ranges::all_of(key_text.substr(kSeparator + 1), is_base64url))
    return std::nullopt;
  return schema::id_from_text<schema::KeyId>(
      key_text.substr(kKeyPrefix.size(), schema::kIdTextLength));
}

}  // namespace boxoffice::sealing
