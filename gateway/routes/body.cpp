#include "gateway/routes/body.hpp"

#include "gateway/routes/headers.hpp"

namespace boxoffice::gateway {

namespace {

std::string_view name_of(schema::ParseErrorKind kind) {
  switch (kind) {
    case schema::ParseErrorKind::malformed:
      return "malformed_json";
    case schema::ParseErrorKind::unknown_field:
      return "unknown_field";
    case schema::ParseErrorKind::missing_field:
      return "missing_field";
    case schema::ParseErrorKind::wrong_type:
      return "wrong_type";
    case schema::ParseErrorKind::out_of_range:
      return "out_of_range";
    case schema::ParseErrorKind::unknown_schema:
      return "malformed_json";
  }
  return "malformed_json";
}

}  // namespace

schema::Reader& body_reader_of_this_thread() {
  thread_local schema::Reader reader(schema::Times::rfc3339);
  return reader;
}

std::string sentence_of(std::string_view detail) {
  const bool lacks_subject = detail.starts_with("must ") || detail.starts_with("is ");
  std::string sentence = lacks_subject ? "This " + std::string(detail) : std::string(detail);
  if (sentence.empty()) return sentence;
  if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 32);
  if (!sentence.ends_with('.')) sentence += '.';
  return sentence;
}

void refuse_body(http::Reply& reply, const schema::ParseError& error) {
  refuse(
      reply,
      {.name = name_of(error.kind), .detail = sentence_of(error.detail), .field = error.pointer});
}

bool body_is_json(const Call& call, http::Reply& reply) {
  const auto refused = [&](std::string_view header, std::string detail) {
    refuse(reply, {.name = "unsupported_media_type",
                   .detail = std::move(detail),
                   .field = std::string(header)});
    return false;
  };
  if (!is_unencoded(call.request.joined("Content-Encoding")))
    return refused("Content-Encoding",
                   "The body must be sent as it is: no encoding is understood.");
  const bool merge_patch = call.route.method == http::Method::patch;
  if (!is_json(call.request.header("Content-Type"), merge_patch))
    return refused("Content-Type", "The body must be application/json in UTF-8.");
  return true;
}

void refuse_missing_body(http::Reply& reply) {
  refuse(reply, {.name = "missing_body", .detail = "The request needs a body.", .field = ""});
}

void refuse_long_body(http::Reply& reply) {
  refuse(reply, "body_too_large", "The request's body is too long.");
}

}  // namespace boxoffice::gateway
