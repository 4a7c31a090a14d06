#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "replay-tools/control/control.hpp"

/// The lines that go over the socket, without their line ends.
namespace boxoffice::control {

struct Request {
  std::string what;
  std::string with;  ///< JSON without white space
};

std::string request_line(std::string_view what, std::string_view with);
/// Or what is wrong with it.
std::expected<Request, std::string> parse_request(std::string_view line);

std::string answer_line(const std::expected<std::string, std::string>& answer);
std::expected<std::string, Error> parse_answer(std::string_view line);

}  // namespace boxoffice::control
