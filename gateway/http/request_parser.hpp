#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <functional>
#include <string>
#include <vector>

#include "gateway/http/message.hpp"

namespace boxoffice::gateway::http {

/// Beast's parser, keeping offsets into the caller's buffer instead of copies. The buffer may move
/// between two calls of `put`, but its bytes from the message's first on must stay. One object
/// parses one message.
class RequestParser : public boost::beast::http::basic_parser<true> {
 public:
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t length = 0;
    std::string_view in(const char* base) const { return {base + begin, length}; }
  };
  struct Field {
    Place name;
    Place value;
  };
  enum class Refusal { none, folded_header, transfer_coding, host };

  explicit RequestParser(std::vector<Field>& fields) : fields_(fields) { fields_.clear(); }

  /// REQUIRES: called before each `put`, with all that has arrived from the message's first byte
  /// on.
  void rebase(std::string_view arrived) {
    base_ = arrived.data();
    end_ = base_ + arrived.size();
  }

  Method method() const { return method_; }
  Place target() const { return target_; }
  const std::vector<Field>& fields() const { return fields_; }
  bool expects_continue() const { return expects_continue_; }
  Refusal refusal() const { return refusal_; }
  /// Whether the headers, once all have come, say as they should for which host they are meant.
  bool names_its_host() const { return hosts_ == 1 || (hosts_ == 0 && of_http_1_0_); }
  bool of_http_1_0() const { return of_http_1_0_; }
  bool chunked_body() const { return chunked_; }
  Place body() const { return body_; }       ///< of a body that was sent in one piece
  std::string& chunks() { return chunks_; }  ///< of one that was sent in chunks

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  using verb = boost::beast::http::verb;
  using field = boost::beast::http::field;

  Place place_of(string_view text) const;
  void refuse_host(error_code& ec);
  bool is_within(string_view text) const {
    return text.empty() ||
           (std::less_equal<>{}(base_, text.data()) && std::less<>{}(text.data(), end_));
  }

  void on_request_impl(verb, string_view method, string_view target, int version,
                       error_code&) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(field, string_view name, string_view value, error_code&) override;
  void on_header_impl(error_code&) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view, error_code&) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override { chunked_ = true; }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override;
  void on_finish_impl(error_code&) override {}

  std::vector<Field>& fields_;
  const char* base_ = nullptr;
  const char* end_ = nullptr;
  Method method_ = Method::other;
  Place target_;
  Place body_;
  std::string chunks_;
  Refusal refusal_ = Refusal::none;
  bool of_http_1_0_ = false;
  std::size_t hosts_ = 0;
  bool headers_done_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
};

}  // namespace boxoffice::gateway::http
