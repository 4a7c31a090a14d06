#include "replay-tools/control/messages.hpp"

#include <simdjson.h>

#include "events-schema/json_writer.hpp"

namespace boxoffice::control {

namespace dom = simdjson::dom;

std::string request_line(std::string_view what, std::string_view with) {
  std::string line;
  schema::JsonWriter(line).begin_object().member("do", what).key("with").raw(with).end_object();
  return line;
}

std::expected<Request, std::string> parse_request(std::string_view line) {
  dom::parser parser;
  dom::object object;
  if (parser.parse(simdjson::padded_string(line)).get(object) != simdjson::SUCCESS)
    return std::unexpected("a request is one JSON object");

  Request request;
  for (const dom::key_value_pair member : object) {
    std::string_view text;
    if (member.key == "do" && member.value.get(text) == simdjson::SUCCESS)
      request.what = text;
    else if (member.key == "with" && member.value.is_object())
      request.with = simdjson::minify(member.value);
    else
      return std::unexpected("a request has the text \"do\" and the object \"with\"");
  }
  if (request.what.empty() || request.with.empty())
    return std::unexpected("a request has the text \"do\" and the object \"with\"");
  return request;
}

std::string answer_line(const std::expected<std::string, std::string>& answer) {
  std::string line;
  schema::JsonWriter json(line);
  if (answer)
    json.begin_object().key("ok").raw(*answer).end_object();
  else
    json.begin_object()
        .key("error")
        .begin_object()
        .member("name", "refused")
        .member("message", answer.error())
        .end_object()
        .end_object();
  return line;
}

std::expected<std::string, Error> parse_answer(std::string_view line) {
  dom::parser parser;
  dom::element answer, ok;
  std::string_view reason;
  if (parser.parse(simdjson::padded_string(line)).get(answer) == simdjson::SUCCESS) {
    if (answer.at_key("ok").get(ok) == simdjson::SUCCESS) return simdjson::minify(ok);
    if (answer.at_pointer("/error/message").get(reason) == simdjson::SUCCESS)
      return std::unexpected(Error{ErrorKind::refused, std::string(reason)});
  }
  return std::unexpected(Error{ErrorKind::broken, "the answer cannot be understood"});
}

}  // namespace boxoffice::control
