#pragma once

#include "gateway/routes/call.hpp"

/// What lists have in common: `?limit=` and `?after=`, and what can be wrong with them.
namespace boxoffice::gateway {

inline constexpr std::size_t kLimitDefault = 50;
inline constexpr std::size_t kLimitMax = 500;

struct PageWanted {
  std::size_t limit = kLimitDefault;
  std::string after;
};

/// nullopt: a limit that is none, and the reply is sent.
std::optional<PageWanted> page_wanted(const Call& call, http::Reply& reply);

void refuse_query(http::Reply& reply, projections::QueryError error);

/// `400 bad_parameter`, which names the parameter.
void refuse_parameter(http::Reply& reply, std::string_view name, std::string detail);

/// The parameter as an id or time. An absent one leaves `into` as it is. False: malformed, and the
/// reply is sent.
template <class T>
bool read_parameter(const Call& call, http::Reply& reply, std::string_view name,
                    std::optional<T> (*read)(std::string_view), std::optional<T>& into) {
  const std::string* text = call.query.find(name);
  if (text == nullptr) return true;
  into = read(*text);
  if (!into) refuse_parameter(reply, name, "This is not a value that the parameter can have.");
  return into.has_value();
}

}  // namespace boxoffice::gateway
