// SHA-256 values as lower-case hex.
#include "events-schema/values.hpp"

namespace boxoffice::schema {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

char* write_digest(const Digest& digest, char* out) {
  for (const std::uint8_t byte : digest.bytes) {
    *out++ = kHex[byte >> 4];
    *out++ = kHex[byte & 15];
  }
  return out;
}

std::string to_text(const Digest& digest) {
  std::string text(kDigestTextLength, '\0');
  write_digest(digest, text.data());
  return text;
}

std::optional<Digest> digest_from_text(std::string_view text) {
  if (text.size() != kDigestTextLength) return std::nullopt;
  Digest digest;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

}  // namespace boxoffice::schema
