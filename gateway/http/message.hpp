#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// HTTP/1.1 as handlers see it (RFC 9110, RFC 9112): no sockets, no Beast.
namespace boxoffice::gateway::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

std::string_view to_text(Method method);

struct Header {
  std::string_view name;
  std::string_view value;
};

/// One request. All views die when the handler returns: whoever answers later copies what it needs.
struct Request {
  Method method = Method::other;
  std::string_view target;  ///< as sent, percent-encoded
  std::span<const Header> headers;
  std::string_view body;  ///< followed by `schema::kPadding` readable bytes
  /// The body is longer than the server takes: nothing of it is here, and what can be answered is
  /// `413`, or what goes before that. The connection ends with the answer.
  bool body_too_large = false;
  std::string_view peer;  ///< the address of whoever is connected, as text
  std::string_view id;    ///< what it is called: the client's word for it, or one made here
  std::chrono::steady_clock::time_point started{};

  /// The first value of that header, names compared without regard to case; an empty view (data()
  /// == nullptr) where absent.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const { return header(name).data() != nullptr; }
  /// How often the header is there.
  std::size_t count(std::string_view name) const;
  /// The values of all its lines, by commas: of a header that is a list (RFC 9110, 5.3).
  std::string joined(std::string_view name) const;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Without the blanks and tabs around it (OWS of RFC 9110).
std::string_view trimmed(std::string_view text);

/// The registered reason phrase; empty for an unknown status.
std::string_view reason_of(int status);

/// Fixed texts of `Content-Type`.
inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kMergePatchJson = "application/merge-patch+json";
inline constexpr std::string_view kProblemJson = "application/problem+json";

}  // namespace boxoffice::gateway::http
