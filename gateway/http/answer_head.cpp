#include "gateway/http/answer_head.hpp"

#include <array>
#include <charconv>

#include "gateway/http/message.hpp"

namespace boxoffice::gateway::http {

namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

}  // namespace

void append_head(std::string& out, const AnswerHead& head) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(head.status));
  out.append(" ").append(reason_of(head.status));
  out.append("\r\nDate: ").append(head.date).append("\r\n");
  if (!head.content_type.empty()) {
    out.append("Content-Type: ").append(head.content_type).append("\r\n");
  }
  if (head.status != 204 && head.status != 304) {
    out += "Content-Length: ";
    append_number(out, head.body_bytes);
    out += "\r\n";
  }
  out += head.headers;
  if (!head.keep_alive)
    out += "Connection: close\r\n";
  else if (head.tells_keep_alive)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

}  // namespace boxoffice::gateway::http
