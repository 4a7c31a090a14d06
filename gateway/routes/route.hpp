#pragma once

#include <span>
#include <string_view>

#include "gateway/auth/principal.hpp"
#include "gateway/http/reply.hpp"

namespace boxoffice::gateway {

struct Call;

/// What ids look like, in paths and parameters.
inline constexpr std::string_view kIdSchema =
    R"({"type":"string","pattern":"^[A-Za-f][A-Za-z0-9_-]{20}[AQgw]$"})";

struct ParameterDoc {
  std::string_view name;
  std::string_view schema;  ///< JSON
  std::string_view description;
};

/// An answer that is no problem document.
struct AnswerDoc {
  int status;
  std::string_view content_type;  ///< empty: no body
  std::string_view schema;        ///< the name of a schema in the document; empty: none
  std::string_view description;
  std::span<const std::string_view> headers = {};  ///< beside those that follow from its kind
};

/// What is said about an operation in the OpenAPI document, and what the router goes by.
struct Operation {
  std::string_view id;
  std::string_view summary;
  bool of_occasion = false;  ///< the path's first id is an occasion's: not for keys of another one
  std::string_view body;     ///< the name of its schema; empty: none
  bool body_may_be_absent = false;
  bool command = false;      ///< accepts an idempotency key, answers with a position
  bool conditional = false;  ///< honours If-Match
  std::span<const ParameterDoc> parameters;  ///< of the query; all others are refused
  std::span<const AnswerDoc> answers;
  std::span<const std::string_view> problems;  ///< names, beside those that every operation has
};

struct Route {
  http::Method method;
  std::string_view path;  ///< `/v1/occasions/{id}`; a name in braces stands for one segment
  Roles roles;
  /// Answers now or keeps the reply.
  void (*handle)(Call& call, http::Reply reply);
  Operation operation;
  /// Neither limited nor signed in to: health, metrics, documents.
  bool open = false;
  /// Shows no less of the occasion in its path than this gateway has told.
  bool as_told = false;
};

/// All routes that this program serves.
std::span<const Route> routes();

}  // namespace boxoffice::gateway
