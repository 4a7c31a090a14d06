#include "gateway/http/request_id.hpp"

#include <algorithm>

#include "sealing/sealing.hpp"

namespace boxoffice::gateway::http {

namespace {

constexpr std::size_t kLengthMax = 64;

bool is_url_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

std::string request_id_of(std::span<const Header> headers) {
  const std::string_view given = Request{.headers = headers}.header("X-Request-Id");
  if (!given.empty() && given.size() <= kLengthMax && std::ranges::all_of(given, is_url_safe)) {
    return std::string(given);
  }
  return sealing::random_text();
}

}  // namespace boxoffice::gateway::http
