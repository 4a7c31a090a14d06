#pragma once

#include <source_location>
#include <string_view>

namespace boxoffice::event_log {

/// Ends the program, in every build, with `rule` and the place on standard error: a caller broke a
/// contract, and what it would have appended must not become history.
[[noreturn]] void broken(std::string_view rule, const std::source_location& where);

inline void require(bool holds, std::string_view rule,
                    const std::source_location& where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    broken(rule, where);
}

}  // namespace boxoffice::event_log
