#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

/// What server and client know of Unix sockets.
namespace boxoffice::control {

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  int get() const { return value_; }
  explicit operator bool() const { return value_ >= 0; }

 private:
  int value_;
};

/// The socket's address by way of an open directory: an address has room for 107 bytes, a path may
/// be longer.
struct SocketAddress {
  Descriptor directory;  ///< false where it cannot be opened; `errno` says why
  sockaddr_un name{};

  explicit SocketAddress(const std::filesystem::path& in);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

}  // namespace boxoffice::control
