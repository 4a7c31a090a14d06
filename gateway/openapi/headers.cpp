#include "gateway/openapi/headers.hpp"

#include <algorithm>
#include <array>

namespace boxoffice::gateway {

namespace {

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kSeconds = R"({"type":"integer","minimum":1})";
constexpr std::string_view kPosition = R"({"type":"string","pattern":"^[0-9]+:[0-9]+$"})";
constexpr std::string_view kTag = R"({"type":"string","pattern":"^\"[!#-~]*\"$"})";
constexpr std::string_view kRequestId =
    R"({"type":"string","pattern":"^[A-Za-z0-9._-]+$","minLength":1,"maxLength":64})";

constexpr std::array kOfAnswers{
    HeaderDoc{"Boxoffice-Position", kPosition,
              "Where the decision stands on the log, refusals included. What is refused before "
              "there is a command to decide (a malformed request, an id that can be nobody's) has "
              "none."},
    HeaderDoc{"Content-Security-Policy", kText, "What the page may load."},
    HeaderDoc{"ETag", kTag, "The resource's version; a strong tag."},
    HeaderDoc{"Location", R"({"type":"string","format":"uri-reference"})", "What was made."},
    HeaderDoc{"RateLimit", kText,
              "What is left of the limit (draft-ietf-httpapi-ratelimit-headers-08); absent where "
              "limits are off."},
    HeaderDoc{"RateLimit-Policy", kText, "The limit that the request counts against."},
    HeaderDoc{"Retry-After", kSeconds, "Seconds until another try is worth it."},
    HeaderDoc{"WWW-Authenticate", kText, "How to sign in."},
    HeaderDoc{"X-Request-Id", kRequestId, "What the request is called, in logs, too."}};

constexpr HeaderDoc kIdempotencyKey{
    "Idempotency-Key", R"({"type":"string","minLength":1,"maxLength":255})",
    "A repeat under the same key gets the same answer; 16 characters or more of who is not signed "
    "in."};
constexpr HeaderDoc kIfMatch{
    "If-Match", kText,
    "Only if the resource's ETag is among these, or *. Tags are compared strongly."};
constexpr HeaderDoc kIfNoneMatch{
    "If-None-Match", kText,
    "Only if the resource's ETag is not among these, nor *; else it is a 304."};
constexpr HeaderDoc kAtLeast{
    "Boxoffice-At-Least", kText,
    "Positions that the answer must include, `<partition>:<sequence>` with commas."};
constexpr HeaderDoc kIdOfRequest{"X-Request-Id", kText,
                                 "What to call the request: up to 64 letters, digits, `-`, `_`, "
                                 "`.`; anything else is replaced."};
constexpr HeaderDoc kTraceparent{
    "traceparent", kText,
    "Stands on the events that the request leads to (W3C Trace Context, version 00)."};

/// The statuses of refusals that are decided (`503`: too late), and so have a place on the log.
bool may_be_decided(int status) {
  return status < 400 || status == 404 || status == 409 || status == 412 || status == 503;
}

bool decides(const Operation& operation) {
  return operation.command || std::ranges::count(operation.problems, "too_late") > 0;
}

}  // namespace

std::span<const HeaderDoc> headers_of_answers() { return kOfAnswers; }

std::vector<std::string_view> headers_of_answer(const Route& route, int status,
                                                std::span<const std::string_view> own) {
  std::vector<std::string_view> names(own.begin(), own.end());
  names.push_back("X-Request-Id");
  if (!route.open) names.insert(names.end(), {"RateLimit", "RateLimit-Policy"});
  if (decides(route.operation) && may_be_decided(status)) names.push_back("Boxoffice-Position");
  if (status == 401) names.push_back("WWW-Authenticate");
  if (status == 429 || status == 503) names.push_back("Retry-After");
  std::ranges::sort(names);
  return names;
}

std::vector<HeaderDoc> headers_of_request(const Route& route) {
  const Operation& operation = route.operation;
  std::vector<HeaderDoc> headers;
  if (operation.command) headers.push_back(kIdempotencyKey);
  if (operation.conditional) headers.push_back(kIfMatch);
  if (std::ranges::find(operation.answers, 304, &AnswerDoc::status) != operation.answers.end())
    headers.push_back(kIfNoneMatch);
  if (route.method == http::Method::get && !route.open) headers.push_back(kAtLeast);
  headers.push_back(kIdOfRequest);
  if (!route.open) headers.push_back(kTraceparent);
  return headers;
}

}  // namespace boxoffice::gateway
