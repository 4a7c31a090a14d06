// SHA-256 values as lower-case hex.
#include "events-schema/values.hpp"

namespace boxoffice::schema {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

constexpr std::uint8_t kNoDigit = 0x80;

constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kHex.size(); ++i)
    digits[static_cast<std::uint8_t>(kHex[i])] = static_cast<std::uint8_t>(i);
  return digits;
}();

constexpr std::uint8_t digit(char c) { return kDigits[static_cast<std::uint8_t>(c)]; }

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
  std::uint8_t all = 0;  // looked at once, at the end
#pragma GCC unroll 8
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const std::uint8_t high = digit(text[2 * i]);
    const std::uint8_t low = digit(text[2 * i + 1]);
    all |= high | low;
    digest.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (all & kNoDigit) return std::nullopt;
  return digest;
}

}  // namespace boxoffice::schema
