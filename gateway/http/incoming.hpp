#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/server.hpp"

/// Internal to http/: the requests in a connection's bytes.
namespace boxoffice::gateway::http {

/// What is answered to bytes that are no request.
struct Malformed {
  int status = 0;
  std::string_view name;  ///< of the problem
  std::string_view detail;
};

/// Takes one request after another out of what arrives. Keeps no bytes: each call is given all that
/// has arrived of the message under way, from its first byte on, wherever that lies by then.
class Incoming {
 public:
  /// `settings` must outlive it.
  explicit Incoming(const ServerSettings& settings) : settings_(settings) {}

  /// `too_large`: its headers are whole, and its body is longer than is taken.
  enum class Progress { in_headers, in_body, whole, too_large, malformed };
  Progress take(std::string_view message);

  /// Whether a message has begun that is not done with.
  bool under_way() const { return parser_.has_value(); }
  /// How long the message is. REQUIRES: it is whole.
  std::size_t bytes() const { return taken_; }
  /// REQUIRES: `take` found it so.
  const Malformed& malformed() const { return malformed_; }
  /// Whether the client waits for `100 Continue`; says so once a message.
  bool wants_a_promise();
  /// REQUIRES: a message is under way.
  bool keeps_alive() const { return parser_->keep_alive(); }
  /// Whether the client takes a connection for closed unless it is told otherwise (HTTP/1.0).
  /// REQUIRES: a message is under way.
  bool expects_close() const { return parser_->of_http_1_0(); }

  /// The headers known so far; none where no message is under way.
  std::span<const Header> headers(std::string_view message);
  /// Method, target, headers and body. REQUIRES: the message is whole, or too large.
  Request request(std::string_view message);

  /// Done with this message.
  void next() { parser_.reset(); }

 private:
  void begin();
  Progress too_large();

  const ServerSettings& settings_;
  std::vector<RequestParser::Field> fields_;
  std::optional<RequestParser> parser_;  ///< of the message under way
  std::size_t taken_ = 0;                ///< bytes of it that the parser has seen
  bool promised_ = false;
  bool too_large_ = false;
  Malformed malformed_;
  std::vector<Header> headers_;
};

}  // namespace boxoffice::gateway::http
