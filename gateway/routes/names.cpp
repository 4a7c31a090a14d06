#include "gateway/routes/names.hpp"

#include <unictype.h>
#include <unistr.h>

namespace boxoffice::gateway {

namespace {

/// Takes the first character off `text`.
ucs4_t next_of(std::string_view& text) {
  ucs4_t character = 0;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  text.remove_prefix(static_cast<std::size_t>(u8_mbtouc(&character, bytes, text.size())));
  return character;
}

/// Controls and the separators of lines and paragraphs.
bool is_control(ucs4_t c) {
  return uc_is_general_category_withtable(
      c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
}

/// Embeddings, overrides and isolates turn the order of what follows them, beyond the name, too.
bool turns_order(ucs4_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }

/// Of no width, or of nothing but width. Among others it may stand: it joins some into one.
bool is_unseen(ucs4_t c) {
  return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_Cf) ||
         uc_is_property_default_ignorable_code_point(c);
}

}  // namespace

bool is_readable_name(std::string_view text) {
  bool is_seen = false;
  while (!text.empty()) {
    const ucs4_t character = next_of(text);
    if (is_control(character) || turns_order(character)) return false;
    is_seen = is_seen || !is_unseen(character);
  }
  return is_seen;
}

}  // namespace boxoffice::gateway
