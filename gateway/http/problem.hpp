#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Problem documents (RFC 9457): what every answer of 400 and above is.
namespace boxoffice::gateway::http {

/// A kind of problem. `name` is what clients go by; `type` is `/problems/<name>`.
struct ProblemKind {
  std::string_view name;
  int status;
  std::string_view title;
  std::string_view detail = {};  ///< what a refusal by the rules says; empty: no rule refuses so
};

/// All kinds that this program answers with, by name.
std::span<const ProblemKind> problem_kinds();

/// REQUIRES: `name` is one of `problem_kinds()`.
const ProblemKind& problem_kind(std::string_view name);
inline int problem_status(std::string_view name) { return problem_kind(name).status; }

struct Problem {
  std::string_view name;
  std::string detail;  ///< a sentence for a person
  /// What is wrong of the request: a part of the body by its pointer (RFC 6901), of which the empty
  /// one is the whole; a parameter or a header by its name. nullopt: no part of it is.
  std::optional<std::string> field;
  std::string extensions;  ///< further members, `,"name":value` each
};

std::string to_json(const Problem& problem);

/// Appends `,"name":"text"` to `extensions`.
void extend(std::string& extensions, std::string_view name, std::string_view text);

}  // namespace boxoffice::gateway::http
