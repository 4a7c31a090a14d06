#pragma once

#include "gateway/routes/call.hpp"
#include "gateway/routes/resources.hpp"

/// What lists have in common: `?limit=` and `?after=`, and what can be wrong with them.
namespace boxoffice::gateway {

inline constexpr std::uint16_t kLimitDefault = 50;
inline constexpr std::uint16_t kLimitMax = 500;

struct PageWanted {
  std::uint16_t limit = kLimitDefault;
  std::string after;
};

/// nullopt: a limit that is none, and the reply is sent.
std::optional<PageWanted> page_wanted(const Call& call, http::Reply& reply);

void refuse_query(http::Reply& reply, projections::QueryError error);

/// Answers with the page: `write(out, item)` makes JSON of an item.
template <class T, class Write>
void send_page(http::Reply& reply, const projections::QueryResult<projections::Page<T>>& page,
               Write write) {
  if (!page) return refuse_query(reply, page.error());
  ListBody body;
  for (const T& item : page->items) write(body.next_item(), *item);
  reply.send(200, http::kJson, std::move(body).finished(page->next));
}

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

/// The parameter as a time, in whatever form of RFC 3339; as `read_parameter` does.
bool read_time(const Call& call, http::Reply& reply, std::string_view name,
               std::optional<schema::Instant>& into);

}  // namespace boxoffice::gateway
