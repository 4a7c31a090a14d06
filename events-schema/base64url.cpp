// Base64url (RFC 4648, section 5, no padding), and the ids written in it.
#include <algorithm>

#include "events-schema/values.hpp"

namespace boxoffice::schema {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}();

constexpr std::size_t encoded_length(std::size_t bytes) { return (bytes * 8 + 5) / 6; }

char* encode(std::span<const std::uint8_t> bytes, char* out) {
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t three = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = kAlphabet[three >> shift & 63];
  }
  if (const std::size_t rest = bytes.size() - i; rest > 0) {
    const std::uint32_t last = bytes[i] << 16 | (rest == 2 ? bytes[i + 1] << 8 : 0);
    *out++ = kAlphabet[last >> 18];
    *out++ = kAlphabet[last >> 12 & 63];
    if (rest == 2) *out++ = kAlphabet[last >> 6 & 63];
  }
  return out;
}

/// False for a character that is no digit, an impossible length, and bits left over that are not
/// zero: each value has one text. REQUIRES: `out` has room for `text.size() * 6 / 8` bytes.
template <class Byte>
bool decode(std::string_view text, Byte* out) {
  std::uint8_t wrong = 0;
  const auto digits = [&](std::size_t from, std::size_t count) {
    std::uint32_t bits = 0;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t digit = kDigits[static_cast<std::uint8_t>(text[from + i])];
      wrong |= digit & 0x80;
      bits = bits << 6 | digit;
    }
    return bits;
  };
  std::size_t at = 0;
  for (; at + 4 <= text.size(); at += 4) {
    const std::uint32_t three = digits(at, 4);
    for (int shift = 16; shift >= 0; shift -= 8) *out++ = static_cast<Byte>(three >> shift & 0xff);
  }
  const std::size_t rest = text.size() - at;
  if (rest == 0) return wrong == 0;
  if (rest == 1) return false;
  const std::uint32_t last = digits(at, rest);
  const std::uint32_t spare = rest == 2 ? 0b1111 : 0b11;
  for (int shift = rest == 2 ? 4 : 10; shift >= 0; shift -= 8)
    *out++ = static_cast<Byte>(last >> shift & 0xff);
  return wrong == 0 && (last & spare) == 0;
}

}  // namespace

std::string base64url(std::span<const std::uint8_t> bytes) {
  std::string text(encoded_length(bytes.size()), '\0');
  encode(bytes, text.data());
  return text;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  std::string bytes(text.size() * 6 / 8, '\0');
  if (!decode(text, bytes.data())) return std::nullopt;
  return bytes;
}

char* write_id(std::span<const std::uint8_t, 16> bytes, char* out) { return encode(bytes, out); }

bool read_id(std::string_view text, std::array<std::uint8_t, 16>& into) {
  return text.size() == kIdTextLength && decode(text, into.data()) && into[0] < 0x80;
}

}  // namespace boxoffice::schema
