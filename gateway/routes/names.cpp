#include "gateway/routes/names.hpp"

#include <bit>

namespace boxoffice::gateway {

namespace {

/// Takes the first character off `text`.
char32_t next_of(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const int ones = std::countl_one(lead);
  char32_t character = ones == 0 ? lead : lead & (0x7FU >> ones);
  text.remove_prefix(1);
  for (int more = 1; more < ones && !text.empty(); ++more) {
    character = character << 6 | (static_cast<unsigned char>(text.front()) & 0x3FU);
    text.remove_prefix(1);
  }
  return character;
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

/// White space of Unicode that is_control leaves.
bool is_space(char32_t c) {
  return c == 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200B) || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

}  // namespace

bool is_readable_name(std::string_view text) {
  bool blank = true;
  while (!text.empty()) {
    const char32_t character = next_of(text);
    if (is_control(character)) return false;
    blank = blank && is_space(character);
  }
  return !blank;
}

}  // namespace boxoffice::gateway
