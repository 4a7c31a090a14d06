#pragma once

#include <string>
#include <string_view>

namespace boxoffice::projections {

/// What `Chunk::overwrite_head` does to a row: its first bytes become `head`, what follows them
/// stays. Done twice it is the same as done once, with the later head over the earlier one.
inline void overwrite_head_of(std::string& row, std::string_view head) {
  row.replace(0, head.size(), head);
}

}  // namespace boxoffice::projections
