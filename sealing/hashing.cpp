// OpenSSL's EVP interface looks its algorithm up, allocates and locks for each hash, which costs
// more than hashing a short text does. The functions below it have the same assembler (with the
// processor's SHA instructions) and cost nothing else; they are marked as deprecated, not as
// insecure.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "sealing/hashing.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace boxoffice::sealing {
namespace {

constexpr std::size_t kBlockBytes = 64;

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

schema::Digest sha256(std::string_view bytes) {
  schema::Digest digest;
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, bytes.data(), bytes.size());
  SHA256_Final(digest.bytes.data(), &state);
  return digest;
}

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

schema::Digest Sha256::digest() {
  schema::Digest digest;
  SHA256_Final(digest.bytes.data(), &state_->context);
  return digest;
}

Mac::Mac(std::span<const std::uint8_t> key) {
  std::array<std::uint8_t, kBlockBytes> block{};
  if (key.size() > kBlockBytes) {
    schema::Digest hashed = sha256(as_text(key));
    std::ranges::copy(hashed.bytes, block.begin());
    OPENSSL_cleanse(hashed.bytes.data(), hashed.bytes.size());
  } else {
    std::ranges::copy(key, block.begin());
  }

  for (std::uint8_t& byte : block) byte ^= 0x36;
  SHA256_Init(&inner_);
  SHA256_Update(&inner_, block.data(), block.size());

  for (std::uint8_t& byte : block) byte ^= 0x36 ^ 0x5c;
  SHA256_Init(&outer_);
  SHA256_Update(&outer_, block.data(), block.size());

  OPENSSL_cleanse(block.data(), block.size());
}

Mac::~Mac() {
  OPENSSL_cleanse(&inner_, sizeof inner_);
  OPENSSL_cleanse(&outer_, sizeof outer_);
}

schema::Digest Mac::finish(SHA256_CTX& inner) const {
  schema::Digest digest;
  SHA256_Final(digest.bytes.data(), &inner);
  SHA256_CTX outer = outer_;
  SHA256_Update(&outer, digest.bytes.data(), digest.bytes.size());
  SHA256_Final(digest.bytes.data(), &outer);
  return digest;
}

schema::Digest Mac::of(std::string_view text) const {
  SHA256_CTX inner = inner_;
  SHA256_Update(&inner, text.data(), text.size());
  return finish(inner);
}

schema::Digest Mac::of_parts(std::initializer_list<std::string_view> parts) const {
  SHA256_CTX inner = inner_;
  for (const std::string_view part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    const std::array<std::uint8_t, 4> length = {
        static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
        static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    SHA256_Update(&inner, length.data(), length.size());
    SHA256_Update(&inner, part.data(), part.size());
  }
  return finish(inner);
}

void derive(std::span<const std::uint8_t> secret, std::span<const std::uint8_t> salt,
            std::string_view info, std::span<std::uint8_t> out) {
  assert(out.size() <= 255 * sizeof(schema::Digest));

  schema::Digest extracted = Mac(salt).of(as_text(secret));
  const Mac expand(extracted.bytes);
  OPENSSL_cleanse(extracted.bytes.data(), extracted.bytes.size());

  schema::Digest block;
  std::string message;  // T(i - 1) | info | i
  for (std::uint8_t i = 1; !out.empty(); ++i) {
    message.append(info).push_back(static_cast<char>(i));
    block = expand.of(message);
    const std::size_t taken = std::min(out.size(), block.bytes.size());
    std::copy_n(block.bytes.begin(), taken, out.begin());
    out = out.subspan(taken);
    OPENSSL_cleanse(message.data(), message.size());
    message.assign(as_text(block.bytes));
  }
  OPENSSL_cleanse(block.bytes.data(), block.bytes.size());
  OPENSSL_cleanse(message.data(), message.size());
}

Secret subkey(const Secret& root, std::string_view purpose) {
  Secret key;
  derive(root.bytes, {}, purpose, key.bytes);
  return key;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace boxoffice::sealing
