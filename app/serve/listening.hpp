#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace boxoffice::app {

/// The IP address of `host`: itself where it is one, else the first IPv4 address that the system
/// has for the name, else the first IPv6 one. Throws WrongSetting, which names the setting.
std::string listening_address(const std::string& host, std::string_view setting = "listen");

/// `127.0.0.1:8080`, `[::1]:8080`: as it stands in a URL (RFC 3986, 3.2.2).
std::string authority(std::string_view address, std::uint16_t port);

}  // namespace boxoffice::app
