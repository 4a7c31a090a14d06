#pragma once

#include <string_view>

#include "events-schema/text_shape.hpp"

namespace boxoffice::gateway {

/// Whether people can read that text as a name: it has more than white space and what nobody sees,
/// no control characters, line separators included, and none that turn the direction of writing.
/// REQUIRES: it is UTF-8.
bool is_readable_name(std::string_view text);
inline constexpr std::string_view kReadableName =
    "A name has characters that can be seen, no control characters, and none that turn the "
    "direction of writing.";

/// What a key's name has, in characters.
inline constexpr schema::TextShape kKeyName{.characters_min = 1, .characters_max = 200};

}  // namespace boxoffice::gateway
