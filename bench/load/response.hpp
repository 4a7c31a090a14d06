#pragma once

#include <optional>
#include <string_view>

namespace boxoffice::bench {

struct Response {
  int status = 0;
  std::string_view body;   ///< within the bytes it was found in
  std::size_t length = 0;  ///< of head and body together
};

enum class Framing { complete, incomplete, broken };

/// Finds one HTTP/1.1 response at the start of `bytes`. Knows `Content-Length` and nothing else:
/// the servers measured here send it, and an answer without one is taken to have no body. `broken`
/// where this is no HTTP, or is sent in chunks.
Framing find_response(std::string_view bytes, Response& response);

}  // namespace boxoffice::bench
