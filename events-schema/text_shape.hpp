#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

/// What a schema asks of a text: its length in characters (code points) and its `pattern`.
namespace boxoffice::schema {

/// A set of ASCII characters, repeated. The generator makes these from a pattern, and sees to it
/// that a run that may vary in length is never followed by one that shares a character with it: so
/// taking as many as there are is right.
struct CharacterRun {
  std::uint64_t low;   ///< bit c: the character c, 0 to 63
  std::uint64_t high;  ///< bit c: the character 64 + c
  std::uint32_t min;
  std::uint32_t max;

  constexpr bool has(char c) const {
    const auto code = static_cast<unsigned char>(c);
    return code < 128 && ((code < 64 ? low >> code : high >> (code - 64)) & 1);
  }
};

struct TextShape {
  std::size_t characters_min = 0;
  std::size_t characters_max = std::numeric_limits<std::size_t>::max();
  std::span<const CharacterRun> pattern{};  ///< none: any text
  std::string_view pattern_text{};          ///< for who has to read an error
};

/// Code points of `text`. REQUIRES: it is UTF-8.
constexpr std::size_t characters_in(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

constexpr bool length_fits(std::string_view text, const TextShape& shape) {
  // A character takes at most four bytes: most texts need no counting.
  if (text.size() <= shape.characters_max && text.size() >= 4 * shape.characters_min) return true;
  const std::size_t characters = characters_in(text);
  return characters >= shape.characters_min && characters <= shape.characters_max;
}

constexpr bool pattern_fits(std::string_view text, const TextShape& shape) {
  if (shape.pattern.empty()) return true;
  std::size_t at = 0;
  for (const CharacterRun& run : shape.pattern) {
    std::uint32_t count = 0;
    while (count < run.max && at < text.size() && run.has(text[at])) ++at, ++count;
    if (count < run.min) return false;
  }
  return at == text.size();
}

}  // namespace boxoffice::schema
