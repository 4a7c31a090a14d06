#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The request target (RFC 9112, 3.2): its path and query, decoded.
namespace boxoffice::gateway::http {

inline constexpr std::size_t kParametersMax = 32;

/// A query's parameters, in order. `+` and `%20` are blanks.
class Query {
 public:
  struct Parameter {
    std::string name;
    std::string value;
  };

  /// Error: the name of a parameter with a bad percent-encoding, not in UTF-8, one too many, or
  /// given twice. As it was sent, where the name itself cannot be decoded.
  static std::expected<Query, std::string> parse(std::string_view text);

  /// nullptr where absent.
  const std::string* find(std::string_view name) const;
  std::span<const Parameter> parameters() const { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

struct Target {
  std::string_view path;   ///< as sent; begins with `/`
  std::string_view query;  ///< as sent, without `?`
};

/// Splits the target; of an absolute one (`http://host/path`) the path and query are taken, a
/// fragment is cut off. nullopt: none of these forms.
std::optional<Target> split_target(std::string_view target);

/// nullopt: a `%` without two hex digits behind it, a NUL, or bytes that are not UTF-8.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

bool is_utf8(std::string_view text);

}  // namespace boxoffice::gateway::http
