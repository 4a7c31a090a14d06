#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::gateway {

/// Addresses and networks whose word is taken for whom they speak for.
class TrustedProxies {
 public:
  /// Throws std::invalid_argument where one is neither an address nor a network in CIDR form.
  explicit TrustedProxies(std::span<const std::string> networks);

  bool contain(std::string_view address) const;
  bool none() const { return networks_.empty(); }

 private:
  using Bytes = std::array<std::uint8_t, 16>;  ///< IPv4 as mapped into IPv6
  struct Network {
    Bytes bytes{};
    unsigned prefix_bits = 128;
  };
  static bool parse(std::string_view text, Bytes& into, bool& is_v4);

  std::vector<Network> networks_;
};

/// Whose request it is: the peer, or where that is a trusted proxy the last entry of
/// `X-Forwarded-For` that is none. An entry that is no address ends the search at what it was given
/// by. `forwarded` has the header's lines in order.
std::string client_address(std::string_view peer, std::span<const std::string_view> forwarded,
                           const TrustedProxies& trusted);

}  // namespace boxoffice::gateway
