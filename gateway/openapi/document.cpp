#include "gateway/openapi/document.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "events-schema/json_writer.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/openapi/headers.hpp"

namespace boxoffice::gateway {

namespace {

using schema::JsonWriter;
using Problems = std::map<int, std::vector<std::string_view>>;

std::string reference(std::string_view schema) {
  return "{\"$ref\":\"#/components/schemas/" + std::string(schema) + "\"}";
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

void add(Problems& problems, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    auto& same = problems[http::problem_status(name)];
    if (std::ranges::find(same, name) == same.end()) same.push_back(name);
  }
}

/// Whether none is the wrong key: all may, or a token alone decides.
bool takes_every_key(const Roles& roles) {
  if (roles == Roles{Who::holder}) return true;
  constexpr std::array kKeys{Who::gate,    Who::supervisor, Who::auditor,
                             Who::analyst, Who::organizer,  Who::admin};
  return std::ranges::all_of(kKeys, [&](Who key) { return roles.has(key); });
}

/// All that can stand against an operation: what it names itself, and what follows from its kind.
Problems problems_of(const Route& route) {
  const Operation& operation = route.operation;
  Problems problems;
  for (const std::string_view name : operation.problems) add(problems, {name});
  add(problems, {"malformed_http", "headers_too_large", "body_too_large", "too_slow",
                 "bad_parameter", "unknown_parameter", "internal_error", "busy",
                 "too_many_connections", "unknown_transfer_coding", "unknown_http_version"});
  if (!route.open) add(problems, {"unauthorized", "rate_limited", "behind"});
  if (!takes_every_key(route.roles) || operation.id == "listOccasions")
    add(problems, {"forbidden"});
  // All but the service's own pages are read from the read models.
  if (!route.open && route.method == http::Method::get)
    add(problems, {"bad_position", "not_reached", "unavailable"});
  if (operation.command) {
    add(problems, {"weak_key", "bad_idempotency_key", "key_reused", "too_late", "unavailable",
                   "event_too_large"});
  }
  if (operation.conditional) add(problems, {"bad_condition", "precondition_failed"});
  if (!operation.body.empty()) {
    add(problems, {"malformed_json", "unknown_field", "missing_field", "wrong_type", "out_of_range",
                   "unsupported_media_type"});
    if (!operation.body_may_be_absent) add(problems, {"missing_body"});
  }
  return problems;
}

void write_parameter(JsonWriter& json, std::string_view in, std::string_view name,
                     std::string_view schema, std::string_view description, bool required) {
  json.begin_object().member("name", name).member("in", in).member("required", required);
  json.member("description", description).key("schema").raw(schema).end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters").begin_array();
  std::string_view rest = route.path;
  for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    rest.remove_prefix(open + 1);
    write_parameter(json, "path", rest.substr(0, rest.find('}')), kIdSchema, "An id.", true);
  }
  for (const ParameterDoc& parameter : route.operation.parameters) {
    write_parameter(json, "query", parameter.name, parameter.schema, parameter.description, false);
  }
  for (const HeaderDoc& header : headers_of_request(route)) {
    write_parameter(json, "header", header.name, header.schema, header.description, false);
  }
  json.end_array();
}

void write_headers(JsonWriter& json, const Route& route, int status,
                   std::span<const std::string_view> own) {
  json.key("headers").begin_object();
  for (const std::string_view name : headers_of_answer(route, status, own)) {
    json.key(name).raw("{\"$ref\":\"#/components/headers/" + std::string(name) + "\"}");
  }
  json.end_object();
}

void write_content(JsonWriter& json, std::string_view type, std::string_view schema) {
  json.key(type).begin_object();
  if (!schema.empty()) json.key("schema").raw(reference(schema));
  json.end_object();
}

/// One status: `answer`, where one has it, and the problems that have it.
void write_response(JsonWriter& json, const Route& route, int status, const AnswerDoc& answer,
                    std::span<const std::string_view> problems) {
  std::string description(answer.description);
  for (const std::string_view name : problems) {
    description += description.empty() ? "" : name == problems.front() ? " Or: " : ", ";
    description += name;
  }
  json.key(std::to_string(status)).begin_object().member("description", description);
  write_headers(json, route, status, answer.headers);
  if (!answer.content_type.empty() || !problems.empty()) {
    json.key("content").begin_object();
    if (!answer.content_type.empty()) write_content(json, answer.content_type, answer.schema);
    if (!problems.empty()) write_content(json, http::kProblemJson, "Problem");
    json.end_object();
  }
  json.end_object();
}

void write_responses(JsonWriter& json, const Route& route) {
  Problems problems = problems_of(route);
  json.key("responses").begin_object();
  for (const AnswerDoc& answer : route.operation.answers) {
    const auto same = problems.extract(answer.status);
    write_response(json, route, answer.status, answer,
                   same ? std::span<const std::string_view>(same.mapped())
                        : std::span<const std::string_view>());
  }
  for (const auto& [status, names] : problems) write_response(json, route, status, {}, names);
  json.end_object();
}

void write_body(JsonWriter& json, const Route& route) {
  json.key("requestBody").begin_object();
  json.member("required", !route.operation.body_may_be_absent).key("content").begin_object();
  const std::string schema = "{\"schema\":" + reference(route.operation.body) + '}';
  json.key(http::kJson).raw(schema);
  if (route.method == http::Method::patch) json.key(http::kMergePatchJson).raw(schema);
  json.end_object().end_object();
}

void write_operation(JsonWriter& json, const Route& route) {
  const Operation& operation = route.operation;
  json.key(lower(http::to_text(route.method))).begin_object();
  json.member("operationId", operation.id).member("summary", operation.summary);
  json.key("x-roles").begin_array();
  for (std::size_t i = 0; i < kWhoCount; ++i) {
    const Who who = static_cast<Who>(i);
    if (route.roles.has(who)) json.value(to_text(who));
  }
  json.end_array();
  const bool keyless = route.open || route.roles.has(Who::anyone) || route.roles.has(Who::holder);
  if (!route.open) json.key("security").raw(keyless ? R"([{},{"key":[]}])" : R"([{"key":[]}])");
  write_parameters(json, route);
  if (!operation.body.empty()) write_body(json, route);
  write_responses(json, route);
  json.end_object();
}

void write_header_components(JsonWriter& json) {
  json.key("headers").begin_object();
  for (const HeaderDoc& header : headers_of_answers()) {
    json.key(header.name).begin_object().member("description", header.description);
    json.key("schema").raw(header.schema).end_object();
  }
  json.end_object();
}

/// Puts the names of the schemas that `text` refers to, and of those that they refer to, among
/// `names`.
void collect_schemas(std::string_view text, std::set<std::string_view>& names) {
  constexpr std::string_view kBase = "\"#/components/schemas/";
  for (std::size_t at = 0; (at = text.find(kBase, at)) != std::string_view::npos;) {
    at += kBase.size();
    const std::string_view name = text.substr(at, text.find('"', at) - at);
    const auto schema = std::ranges::find(component_schemas(), name, &ComponentSchema::name);
    if (schema != component_schemas().end() && names.insert(schema->name).second)
      collect_schemas(schema->text, names);
  }
}

/// Those that what is written so far needs.
void write_schemas(JsonWriter& json, std::string_view written) {
  std::set<std::string_view> needed;
  collect_schemas(written, needed);
  json.key("schemas").begin_object();
  for (const ComponentSchema& schema : component_schemas())
    if (needed.contains(schema.name)) json.key(schema.name).raw(schema.text);
  json.end_object();
}

}  // namespace

std::string openapi_document(std::span<const Route> routes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("openapi", "3.1.0").key("info").begin_object();
  json.member("title", "Boxoffice").member("version", "1");
  json.member("description",
              "Tickets, claimed and proved. Errors are problem documents (RFC 9457). `x-roles` has "
              "all who may: `anyone` without a key; `holder`, who shows the thing's token, with a "
              "key of whatever role or without one; else keys of these roles. Where the holder "
              "alone may, no key stands for the token, and without it the answer is 401. Where the "
              "token stands in the body (confirming and releasing a claim), the body is read "
              "first: one that is malformed is a 400, whoever sends it.");
  json.end_object();
  json.member("jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema");
  json.key("paths").begin_object();
  std::vector<std::string_view> written;
  for (const Route& route : routes) {
    if (std::ranges::find(written, route.path) != written.end()) continue;
    written.push_back(route.path);
    json.key(route.path).begin_object();
    for (const Route& same : routes) {
      if (same.path == route.path) write_operation(json, same);
    }
    json.end_object();
  }
  json.end_object().key("components").begin_object();
  write_header_components(json);
  json.key("securitySchemes").raw(R"({"key":{"type":"http","scheme":"bearer"}})");
  write_schemas(json, out);
  json.end_object().end_object();
  return out;
}

}  // namespace boxoffice::gateway
