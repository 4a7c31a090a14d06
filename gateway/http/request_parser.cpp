#include "gateway/http/request_parser.hpp"

#include <algorithm>

namespace boxoffice::gateway::http {

namespace {

Method method_of(boost::beast::http::verb asked) {
  using boost::beast::http::verb;
  switch (asked) {
    case verb::get:
      return Method::get;
    case verb::head:
      return Method::head;
    case verb::post:
      return Method::post;
    case verb::put:
      return Method::put;
    case verb::patch:
      return Method::patch;
    case verb::delete_:
      return Method::delete_;
    case verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

/// The characters of `uri-host [":" port]` (RFC 3986, 3.2.2). An empty one names none.
bool is_host(std::string_view text) {
  constexpr std::string_view kMarks = "-._~%!$&'()*+,;=:[]";
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace

RequestParser::Place RequestParser::place_of(string_view text) const {
  if (text.empty()) return {};
  return {static_cast<std::uint32_t>(text.data() - base_), static_cast<std::uint32_t>(text.size())};
}

void RequestParser::on_request_impl(verb verb, string_view, string_view target, int version,
                                    error_code&) {
  constexpr int kHttp10 = 10;
  of_http_1_0_ = version <= kHttp10;
  method_ = method_of(verb);
  target_ = place_of(target);
}

void RequestParser::on_field_impl(field field, string_view name, string_view value,
                                  error_code& ec) {
  if (headers_done_) return;  // a trailer: nothing here acts on one
  // Beast unfolds a value over several lines into a buffer of its own. Folding is obsolete (RFC
  // 9112, 5.2) and refused.
  if (!is_within(value)) {
    refusal_ = Refusal::folded_header;
    ec = boost::beast::http::error::bad_value;
    return;
  }
  if (field == boost::beast::http::field::transfer_encoding &&
      !equal_ignoring_case({value.data(), value.size()}, "chunked")) {
    refusal_ = Refusal::transfer_coding;
    ec = boost::beast::http::error::bad_transfer_encoding;
    return;
  }
  if (field == boost::beast::http::field::host) {
    ++hosts_;
    if (!is_host({value.data(), value.size()})) return refuse_host(ec);
  }
  if (field == boost::beast::http::field::expect &&
      equal_ignoring_case({value.data(), value.size()}, "100-continue")) {
    expects_continue_ = true;
  }
  fields_.push_back({place_of(name), place_of(value)});
}

void RequestParser::refuse_host(error_code& ec) {
  refusal_ = Refusal::host;
  ec = boost::beast::http::error::bad_value;
}

// None, or two of them, may mean that somebody on the way reads another request out of these bytes
// (RFC 9112, 3.2).
void RequestParser::on_header_impl(error_code& ec) {
  headers_done_ = true;
  if (!names_its_host()) refuse_host(ec);
}

std::size_t RequestParser::on_body_impl(string_view piece, error_code&) {
  if (body_.length == 0) body_.begin = static_cast<std::uint32_t>(piece.data() - base_);
  body_.length += static_cast<std::uint32_t>(piece.size());
  return piece.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view piece, error_code&) {
  chunks_.append(piece.data(), piece.size());
  return piece.size();
}

}  // namespace boxoffice::gateway::http
