#pragma once

#include <algorithm>
#include <array>
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
  /// Bit c of `low` is the character c, of `high` the character 64 + c.
  constexpr CharacterRun(std::uint64_t low, std::uint64_t high, std::uint32_t least,
                         std::uint32_t most)
      : min(least), max(most) {
    for (std::size_t c = 0; c < 64; ++c) {
      contains[c] = low >> c & 1;
      contains[64 + c] = high >> c & 1;
    }
  }

  constexpr bool has(char c) const { return contains[static_cast<unsigned char>(c)]; }
  /// The same of eight in a row, with no branch on what nobody can foresee.
  constexpr bool has_eight(const char* characters) const {
    bool all = true;
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) all &= has(characters[i]);
    return all;
  }

  std::array<bool, 256> contains{};
  std::uint32_t min;
  std::uint32_t max;
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
    const std::size_t start = at;
    const std::size_t stop = std::min(text.size(), start + run.max);
    while (at + 8 <= stop && run.has_eight(text.data() + at)) at += 8;
    while (at < stop && run.has(text[at])) ++at;
    if (at - start < run.min) return false;
  }
  return at == text.size();
}

}  // namespace boxoffice::schema
