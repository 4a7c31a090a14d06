#include "app/serve/listening.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "app/settings/settings.hpp"

namespace boxoffice::app {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* first) const { ::freeaddrinfo(first); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

std::string numeric(const addrinfo& address) {
  std::array<char, NI_MAXHOST> text{};
  ::getnameinfo(address.ai_addr, address.ai_addrlen, text.data(), text.size(), nullptr, 0,
                NI_NUMERICHOST);
  return text.data();
}

}  // namespace

std::string listening_address(const std::string& host, std::string_view setting) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); error != 0)
    throw WrongSetting(
        fmt::format("setting {}: there is no host '{}': {}", setting, host, ::gai_strerror(error)));
  const Addresses addresses(found);
  for (const addrinfo* each = found; each; each = each->ai_next)
    if (each->ai_family == AF_INET) return numeric(*each);
  return numeric(*found);
}

std::string authority(std::string_view address, std::uint16_t port) {
  const bool is_v6 = address.find(':') != std::string_view::npos;
  return is_v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

}  // namespace boxoffice::app
