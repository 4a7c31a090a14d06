#pragma once

#include <string_view>

namespace boxoffice::gateway {

/// Whether people can read that text as a name: it has more than white space, and no control
/// characters, line separators included. REQUIRES: it is UTF-8.
bool is_readable_name(std::string_view text);

}  // namespace boxoffice::gateway
