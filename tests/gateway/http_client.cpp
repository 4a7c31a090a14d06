#include "tests/gateway/http_client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace boxoffice::gateway_test {

namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

}  // namespace

std::string Answer::member(std::string_view name) const {
  const std::string quoted = '"' + std::string(name) + "\":\"";
  const std::size_t begin = body.find(quoted);
  if (begin == std::string::npos) return {};
  const std::size_t from = begin + quoted.size();
  return body.substr(from, body.find('"', from) - from);
}

std::string Answer::problem() const {
  const std::string name = member("name");
  return header("content-type") == "application/problem+json" && !name.empty() ? name : body;
}

Connection::Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

Connection::~Connection() { ::close(socket_); }

void Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // the server has closed; what it said is still to be read
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Connection::finish_sending() { ::shutdown(socket_, SHUT_WR); }

bool Connection::fill() {
  std::array<char, 16384> piece;
  const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
  if (count <= 0) return false;
  received_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

bool Connection::ended() {
  std::array<char, 16384> piece;
  ssize_t count = 0;
  while ((count = ::recv(socket_, piece.data(), piece.size(), 0)) > 0) {
  }
  return count == 0 || errno == ECONNRESET;
}

Answer Connection::read(bool to_head) {
  Answer answer;
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return answer;
  }
  const std::string head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  answer.status = std::stoi(head.substr(9, 3));
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t stop = head.find("\r\n", at);
    const std::size_t colon = head.find(": ", at);
    std::string name = head.substr(at, colon - at);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string& value = answer.headers[name];
    if (!value.empty()) value += ", ";
    value += head.substr(colon + 2, stop - colon - 2);
    at = stop + 2;
  }
  if (answer.status == 100) return read(to_head);
  const std::string length = answer.header("content-length");
  const std::size_t wanted = to_head || length.empty() ? 0 : std::stoul(length);
  while (received_.size() < wanted) {
    if (!fill()) break;
  }
  answer.body = received_.substr(0, wanted);
  received_.erase(0, answer.body.size());
  return answer;
}

std::string text_of(const Asked& asked) {
  std::string text = asked.method + ' ' + asked.path + " HTTP/1.1\r\nHost: test\r\n";
  if (!asked.key.empty()) text += "Authorization: Bearer " + asked.key + "\r\n";
  if (!asked.body.empty() && !asked.headers.contains("Content-Type")) {
    text += "Content-Type: application/json\r\n";
  }
  for (const auto& [name, value] : asked.headers) text += name + ": " + value + "\r\n";
  if (!asked.body.empty()) text += "Content-Length: " + std::to_string(asked.body.size()) + "\r\n";
  return text + "\r\n" + asked.body;
}

Answer ask(std::uint16_t port, const Asked& asked) {
  Connection connection(port);
  connection.send(text_of(asked));
  return connection.read(asked.method == "HEAD");
}

}  // namespace boxoffice::gateway_test
