#include "events-schema/canonical_reading.hpp"

#include <simdjson.h>

#include <bit>
#include <charconv>

namespace boxoffice::schema {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = kOnes << 7;

/// The bytes of `word` that equal `c` have their high bit set in the result; above the first such
/// byte, others may have.
constexpr std::uint64_t bytes_equal(std::uint64_t word, char c) {
  const std::uint64_t differences = word ^ kOnes * static_cast<std::uint8_t>(c);
  return (differences - kOnes) & ~differences & kHighBits;
}

/// The same, of the bytes below a space.
constexpr std::uint64_t control_bytes(std::uint64_t word) {
  return (word - kOnes * 0x20) & ~word & kHighBits;
}

constexpr bool ends_plain_text(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// How much of a text stands as it is: up to a quote, an escape, or what must be escaped.
struct PlainText {
  std::size_t length = 0;
  bool is_ascii = true;
};

PlainText plain_text(const char* at, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  const char* const start = at;
  std::uint64_t seen = 0;
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t stops =
        bytes_equal(word, '"') | bytes_equal(word, '\\') | control_bytes(word);
    if (stops != 0) {
      const int before = std::countr_zero(stops) & ~7;
      seen |= word & ((std::uint64_t{1} << before) - 1);
      at += before / 8;
      return {static_cast<std::size_t>(at - start), (seen & kHighBits) == 0};
    }
    seen |= word;
    at += sizeof word;
  }
  for (; at != end && !ends_plain_text(*at); ++at) seen |= static_cast<unsigned char>(*at);
  return {static_cast<std::size_t>(at - start), (seen & kHighBits) == 0};
}

}  // namespace

bool CanonicalReading::take_up_to(char until, std::string_view& into) {
  const void* const found = std::memchr(at_, until, left());
  if (found == nullptr) return false;
  const char* const stop = static_cast<const char*>(found);
  into = {at_, stop};
  at_ = stop + 1;
  return true;
}

const char* CanonicalReading::quoted(std::size_t length) {
  if (left() < length + 2 || at_[0] != '"' || at_[length + 1] != '"') return nullptr;
  const char* const text = at_ + 1;
  at_ += length + 2;
  return text;
}

bool CanonicalReading::text(std::string& into, const TextShape& shape) {
  if (!take("\"")) return false;
  const PlainText plain = plain_text(at_, end_);
  const std::string_view found(at_, plain.length);
  at_ += plain.length;
  if (!take("\"")) return false;
  if (!plain.is_ascii && !simdjson::validate_utf8(found.data(), found.size())) return false;
  if (!length_fits(found, shape) || !pattern_fits(found, shape)) return false;
  into.assign(found);
  return true;
}

bool CanonicalReading::integer(std::int64_t& into, std::int64_t min, std::int64_t max) {
  const auto [stop, error] = std::from_chars(at_, end_, into);
  if (error != std::errc{}) return false;
  const char* const digits = *at_ == '-' ? at_ + 1 : at_;
  if (*digits == '0' && stop - at_ > 1) return false;  // 007, -0
  at_ = stop;
  return into >= min && into <= max;
}

bool CanonicalReading::integer(Sequence& into, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  if (!integer(number, min, max)) return false;
  into.value = static_cast<std::uint64_t>(number);
  return true;
}

bool CanonicalReading::boolean(bool& into) {
  into = take("true");
  return into || take("false");
}

bool CanonicalReading::instant(Instant& into) {
  const char* const text = quoted(kInstantTextLength);
  if (text == nullptr) return false;
  const std::optional<Instant> found = instant_from_text({text, kInstantTextLength});
  if (found) into = *found;
  return found.has_value();
}

bool CanonicalReading::digest(Digest& into) {
  const char* const text = quoted(kDigestTextLength);
  if (text == nullptr) return false;
  const std::optional<Digest> found = digest_from_text({text, kDigestTextLength});
  if (found) into = *found;
  return found.has_value();
}

bool CanonicalReading::id(std::array<std::uint8_t, 16>& into) {
  const char* const text = quoted(kIdTextLength);
  return text != nullptr && read_id({text, kIdTextLength}, into);
}

}  // namespace boxoffice::schema
