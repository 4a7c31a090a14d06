#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace boxoffice::bench {

/// An IPv4 address on this machine.
struct Target {
  std::string host;
  std::uint16_t port = 0;

  /// From `127.0.0.1:8080`; throws std::invalid_argument.
  static Target parse(const std::string& text);
};

/// A connected TCP socket, closed with its owner.
class Socket {
 public:
  Socket() = default;
  /// Connects, waiting; then without blocking and without Nagle's delay. Throws std::system_error.
  explicit Socket(const Target& target);
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace boxoffice::bench
