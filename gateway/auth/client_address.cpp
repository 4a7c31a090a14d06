#include "gateway/auth/client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <ranges>
#include <stdexcept>

#include "gateway/http/message.hpp"

namespace boxoffice::gateway {

namespace {

/// `[2001:db8::1]:4711` and `192.0.2.1:4711` without their ports.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, std::max<std::size_t>(text.find(']'), 1) - 1);
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon == text.rfind(':') ? text.substr(0, colon) : text;
}

}  // namespace

bool TrustedProxies::parse(std::string_view text, Bytes& into, bool& is_v4) {
  const std::string address(text);
  is_v4 = false;
  if (inet_pton(AF_INET6, address.c_str(), into.data()) == 1) return true;
  is_v4 = true;
  into = {};
  into[10] = into[11] = 0xff;
  return inet_pton(AF_INET, address.c_str(), into.data() + 12) == 1;
}

TrustedProxies::TrustedProxies(std::span<const std::string> networks) {
  for (const std::string& text : networks) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    Network network;
    bool is_v4 = false;
    bool good = parse(std::string_view(text).substr(0, slash), network.bytes, is_v4);
    if (good && slash < text.size()) {
      const unsigned most = is_v4 ? 32 : 128;
      unsigned bits = 0;
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
      good = error == std::errc() && stop == end && bits <= most;
      network.prefix_bits = bits + (128 - most);
    }
    if (!good) {
      throw std::invalid_argument("trusted-proxies: \"" + text +
                                  "\" is neither an address nor a network like 10.0.0.0/8");
    }
    networks_.push_back(network);
  }
}

bool TrustedProxies::contain(std::string_view address) const {
  Bytes bytes;
  bool is_v4 = false;
  if (networks_.empty() || !parse(address, bytes, is_v4)) return false;
  return std::ranges::any_of(networks_, [&](const Network& network) {
    for (unsigned bit = 0; bit < network.prefix_bits; ++bit) {
      const unsigned mask = 0x80U >> (bit % 8);
      if ((bytes[bit / 8] & mask) != (network.bytes[bit / 8] & mask)) return false;
    }
    return true;
  });
}

std::string client_address(std::string_view peer, std::span<const std::string_view> forwarded,
                           const TrustedProxies& trusted) {
  std::string_view client = peer;
  for (std::string_view line : forwarded | std::views::reverse) {
    while (!line.empty()) {
      if (!trusted.contain(client)) return std::string(client);
      const std::size_t comma = line.rfind(',');
      const std::string_view entry = without_port(
          http::trimmed(comma == std::string_view::npos ? line : line.substr(comma + 1)));
      line = comma == std::string_view::npos ? std::string_view() : line.substr(0, comma);
      in6_addr address{};
      const std::string text(entry);
      if (inet_pton(AF_INET, text.c_str(), &address) != 1 &&
          inet_pton(AF_INET6, text.c_str(), &address) != 1) {
        return std::string(client);
      }
      client = entry;
    }
  }
  return std::string(client);
}

}  // namespace boxoffice::gateway
