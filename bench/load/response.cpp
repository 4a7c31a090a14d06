#include "bench/load/response.hpp"

#include <strings.h>

#include <charconv>

namespace boxoffice::bench {
namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::string_view kContentLength = "content-length:";
constexpr std::string_view kTransferEncoding = "transfer-encoding:";

bool starts_with_name(std::string_view line, std::string_view name) {
  return line.size() >= name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
}

std::optional<std::size_t> number_in(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

Framing find_response(std::string_view bytes, Response& response) {
  if (bytes.size() < kVersion.size() + 3) return Framing::incomplete;
  if (!bytes.starts_with(kVersion)) return Framing::broken;
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return Framing::incomplete;

  const auto status = number_in(bytes.substr(kVersion.size(), 3));
  if (!status) return Framing::broken;
  response.status = static_cast<int>(*status);

  std::size_t body = 0;
  for (std::size_t at = bytes.find("\r\n") + 2; at < head;) {
    const std::size_t end = bytes.find("\r\n", at);
    const std::string_view line = bytes.substr(at, end - at);
    if (starts_with_name(line, kContentLength)) {
      const auto length = number_in(line.substr(kContentLength.size()));
      if (!length) return Framing::broken;
      body = *length;
    } else if (starts_with_name(line, kTransferEncoding)) {
      return Framing::broken;
    }
    at = end + 2;
  }

  response.length = head + 4 + body;
  if (bytes.size() < response.length) return Framing::incomplete;
  response.body = bytes.substr(head + 4, body);
  return Framing::complete;
}

}  // namespace boxoffice::bench
