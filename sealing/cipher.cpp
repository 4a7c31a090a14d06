#include "sealing/cipher.hpp"

#include <sodium.h>

#include <vector>

#include "sealing/randomness.hpp"

namespace boxoffice::sealing {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(sizeof(Secret::bytes) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string encrypted(const Secret& key, std::string_view clear, std::string_view bound) {
  std::vector<std::uint8_t> bytes(kNonceBytes + clear.size() + kTagBytes);
  fill_random(std::span(bytes).first(kNonceBytes));
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes.data() + kNonceBytes, nullptr, bytes_of(clear),
                                             clear.size(), bytes_of(bound), bound.size(), nullptr,
                                             bytes.data(), key.bytes.data());
  return schema::base64url(bytes);
}

std::optional<std::string> decrypted(const Secret& key, std::string_view text,
                                     std::string_view bound) {
  const std::optional<std::string> bytes = schema::base64url_decoded(text);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return std::nullopt;

  const std::string_view ciphertext = std::string_view(*bytes).substr(kNonceBytes);
  std::string clear(ciphertext.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(clear.data()),
                                                 nullptr, nullptr, bytes_of(ciphertext),
                                                 ciphertext.size(), bytes_of(bound), bound.size(),
                                                 bytes_of(*bytes), key.bytes.data()) != 0)
    return std::nullopt;
  return clear;
}

}  // namespace boxoffice::sealing
