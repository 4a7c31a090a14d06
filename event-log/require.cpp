#include "event-log/require.hpp"

#include <cstdio>
#include <cstdlib>

namespace boxoffice::event_log {

void broken(std::string_view rule, const std::source_location& where) {
  std::fprintf(stderr, "%s:%u: %s: broken: %.*s\n", where.file_name(), unsigned(where.line()),
               where.function_name(), int(rule.size()), rule.data());
  std::abort();
}

}  // namespace boxoffice::event_log
