#pragma once

#include "event-log/log.hpp"

/// What a log says of itself and of the place where it lies: who has it, with which secrets it was
/// made, whether it is a copy. These are records beside the wrapped keys, of partition 0, under
/// names without a slash. They are few and belong to no history: nobody copies them, and finding
/// one costs the same however many wrapped keys there are.
namespace boxoffice::event_log {

inline constexpr Partition kAboutPartition{0};

/// Others are wrapped keys: person/<id>/<key id>, occasion/<id>.
[[nodiscard]] constexpr bool is_about_the_log(std::string_view name) {
  return name.find('/') == std::string_view::npos;
}

}  // namespace boxoffice::event_log
