#include "gateway/http/incoming.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "events-schema/codec.hpp"

namespace boxoffice::gateway::http {

namespace {

using boost::beast::http::error;
using ErrorCode = boost::system::error_code;

/// Chunks may come with extensions and trailers, which the parser counts to no limit.
constexpr std::size_t kFramingBytesMax = 64 * 1024;

constexpr Malformed kNoHost{400, "malformed_http",
                            "A request needs one Host header with the name of a host."};

/// Whether the request line ends in a version of HTTP (RFC 9112, 2.3) that is not spoken here. Of
/// those that are the parser says the same where the line itself ends in no CRLF.
bool names_another_version(std::string_view message) {
  constexpr std::string_view kShape = "HTTP/d.d";
  const std::string_view line = message.substr(0, message.find_first_of("\r\n"));
  const std::size_t target = line.find(' ');
  if (target == std::string_view::npos) return false;
  const std::size_t end = line.find(' ', target + 1);
  if (end == std::string_view::npos) return false;
  const std::string_view version = line.substr(end + 1);
  return version != "HTTP/1.1" && version != "HTTP/1.0" &&
         std::ranges::equal(version, kShape, [](char c, char shape) {
           return shape == 'd' ? c >= '0' && c <= '9' : c == shape;
         });
}

Malformed malformed_by(const ErrorCode& ec, RequestParser::Refusal refusal,
                       std::string_view message) {
  switch (refusal) {
    case RequestParser::Refusal::transfer_coding:
      return {501, "unknown_transfer_coding", "The only transfer coding understood is chunked."};
    case RequestParser::Refusal::folded_header:
      return {400, "malformed_http", "A header's value may not go over several lines."};
    case RequestParser::Refusal::host:
      return kNoHost;
    case RequestParser::Refusal::none:
      break;
  }
  if (ec == error::header_limit)
    return {431, "headers_too_large", "The request's headers are too long."};
  if (ec == error::bad_version && names_another_version(message))
    return {505, "unknown_http_version", "HTTP/1.1 is spoken here."};
  return {400, "malformed_http", "This is not a well-formed HTTP/1.1 request."};
}

}  // namespace

void Incoming::begin() {
  parser_.emplace(fields_);
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(settings_.header_bytes_max));
  parser_->body_limit(settings_.body_bytes_max);
  taken_ = 0;
  promised_ = false;
  too_large_ = false;
}

Incoming::Progress Incoming::take(std::string_view message) {
  if (!parser_) begin();
  parser_->rebase(message);
  ErrorCode ec;
  taken_ += parser_->put(boost::asio::buffer(message.data() + taken_, message.size() - taken_), ec);
  if (ec == error::body_limit) return too_large();
  if (ec && ec != error::need_more) {
    malformed_ = malformed_by(ec, parser_->refusal(), message);
    return Progress::malformed;
  }
  if (parser_->is_done()) return Progress::whole;
  if (!parser_->is_header_done()) return Progress::in_headers;
  const std::size_t bytes_max =
      settings_.header_bytes_max + 2 * settings_.body_bytes_max + kFramingBytesMax;
  return message.size() > bytes_max ? too_large() : Progress::in_body;
}

// The parser gives up at a length that is too large before it has asked for the host.
Incoming::Progress Incoming::too_large() {
  too_large_ = true;
  if (parser_->names_its_host()) return Progress::too_large;
  malformed_ = kNoHost;
  return Progress::malformed;
}

bool Incoming::wants_a_promise() {
  if (promised_ || !parser_->expects_continue()) return false;
  promised_ = true;
  return true;
}

std::span<const Header> Incoming::headers(std::string_view message) {
  headers_.clear();
  if (!parser_) return headers_;
  const char* const base = message.data();
  for (const RequestParser::Field& field : fields_) {
    headers_.push_back({field.name.in(base), field.value.in(base)});
  }
  return headers_;
}

Request Incoming::request(std::string_view message) {
  const char* const base = message.data();
  if (too_large_) {
    return {.method = parser_->method(),
            .target = parser_->target().in(base),
            .headers = headers(message),
            .body_too_large = true};
  }
  if (parser_->chunked_body()) {
    parser_->chunks().reserve(parser_->chunks().size() + schema::kPadding);
  }
  return {.method = parser_->method(),
          .target = parser_->target().in(base),
          .headers = headers(message),
          .body = parser_->chunked_body() ? std::string_view(parser_->chunks())
                                          : parser_->body().in(base)};
}

}  // namespace boxoffice::gateway::http
