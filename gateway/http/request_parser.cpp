#include "gateway/http/request_parser.hpp"

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

}  // namespace

RequestParser::Place RequestParser::place_of(string_view text) const {
  if (text.empty()) return {};
  return {static_cast<std::uint32_t>(text.data() - base_), static_cast<std::uint32_t>(text.size())};
}

void RequestParser::on_request_impl(verb verb, string_view, string_view target, int, error_code&) {
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
  if (field == boost::beast::http::field::expect &&
      equal_ignoring_case({value.data(), value.size()}, "100-continue")) {
    expects_continue_ = true;
  }
  fields_.push_back({place_of(name), place_of(value)});
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
