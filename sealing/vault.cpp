// Sealed text: each has a data key of its own, which is kept elsewhere, wrapped; destroying it
// destroys every copy of the text.

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "sealing/cipher.hpp"
#include "sealing/keys.hpp"
#include "sealing/randomness.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::sealing {
namespace {

constexpr std::string_view kSealedPrefix = "s1.";
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kKeyIdLength = 11;  // of 8 bytes in base64url

std::string name_of_key(const schema::PersonId& person, std::string_view key_id) {
  return "person/" + schema::to_text(person) + "/" + std::string(key_id);
}

/// s1.<key id>.<body>, taken apart.
struct Parts {
  std::string_view key_id;
  std::string_view body;
};

std::optional<Parts> parts_of(std::string_view sealed) {
  constexpr std::size_t kBody = kSealedPrefix.size() + kKeyIdLength + 1;
  if (!sealed.starts_with(kSealedPrefix) || sealed.size() <= kBody || sealed[kBody - 1] != '.')
    return std::nullopt;
  const Parts parts{sealed.substr(kSealedPrefix.size(), kKeyIdLength), sealed.substr(kBody)};
  if (!schema::base64url_decoded(parts.key_id)) return std::nullopt;
  return parts;
}

std::string wrapped(const Secret& wrap, const Secret& key, std::string_view name) {
  return encrypted(wrap, {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()}, name);
}

std::optional<Secret> unwrapped(const Secret& wrap, std::string_view text, std::string_view name) {
  std::optional<std::string> bytes = decrypted(wrap, text, name);
  if (!bytes) return std::nullopt;
  Secret key;
  const bool whole = bytes->size() == key.bytes.size();
  if (whole) std::ranges::copy(*bytes, key.bytes.begin());
  sodium_memzero(bytes->data(), bytes->size());
  if (!whole) return std::nullopt;
  return key;
}

}  // namespace

Vault::Vault(const Roots& roots) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of random bytes");
  keys_ = std::make_unique<Keys>(roots);
}

Vault::~Vault() = default;

SealedText Vault::seal(const schema::PersonId& person, std::string_view text) const {
  Secret data_key;
  fill_random(data_key.bytes);
  std::array<std::uint8_t, kKeyIdBytes> id_bytes;
  fill_random(id_bytes);
  const std::string key_id = schema::base64url(id_bytes);

  SealedText sealed;
  sealed.text.append(kSealedPrefix).append(key_id).append(".");
  sealed.text.append(encrypted(data_key, text, raw(person)));
  sealed.name = name_of_key(person, key_id);
  sealed.wrapped = wrapped(keys_->wrap, data_key, sealed.name);
  return sealed;
}

std::optional<std::string> Vault::open(std::string_view sealed, std::string_view wrapped,
                                       const schema::PersonId& person) const {
  const std::optional<Parts> parts = parts_of(sealed);
  if (!parts) return std::nullopt;
  const std::optional<Secret> data_key =
      unwrapped(keys_->wrap, wrapped, name_of_key(person, parts->key_id));
  if (!data_key) return std::nullopt;
  return decrypted(*data_key, parts->body, raw(person));
}

std::optional<std::string> Vault::key_name(const schema::PersonId& person,
                                           std::string_view sealed) {
  const std::optional<Parts> parts = parts_of(sealed);
  if (!parts) return std::nullopt;
  return name_of_key(person, parts->key_id);
}

std::string Vault::wrapped_root_key(const schema::OccasionId& occasion) const {
  Secret root;
  fill_random(root.bytes);
  return wrapped(keys_->wrap, root, "occasion/" + schema::to_text(occasion));
}

}  // namespace boxoffice::sealing
