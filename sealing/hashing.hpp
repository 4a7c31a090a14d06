#pragma once

#include <openssl/sha.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "events-schema/values.hpp"
#include "sealing/sealing.hpp"

/// Keyed hashes. Only sources of this folder and its tests include this header.
namespace boxoffice::sealing {

/// HMAC-SHA-256 (RFC 2104) under one key. The states after the key's inner and outer block are
/// kept, so that a short text costs two compressions and no look-up of an algorithm. Thread-safe;
/// wiped when destroyed.
class Mac {
 public:
  explicit Mac(std::span<const std::uint8_t> key);
  ~Mac();
  Mac(const Mac&) = delete;
  Mac& operator=(const Mac&) = delete;

  schema::Digest of(std::string_view text) const;

  /// Of several texts, each behind its length (32 bits, big-endian): no two lists have the same
  /// bytes.
  schema::Digest of_parts(std::initializer_list<std::string_view> parts) const;

 private:
  schema::Digest finish(SHA256_CTX& inner) const;

  SHA256_CTX inner_;
  SHA256_CTX outer_;
};

/// HKDF-SHA-256 (RFC 5869): fills `out` with material for `info`. REQUIRES: at most 255 * 32 bytes.
void derive(std::span<const std::uint8_t> secret, std::span<const std::uint8_t> salt,
            std::string_view info, std::span<std::uint8_t> out);

/// The key for one purpose, from a root.
Secret subkey(const Secret& root, std::string_view purpose);

}  // namespace boxoffice::sealing
