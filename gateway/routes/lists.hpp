#pragma once

#include "gateway/routes/call.hpp"
#include "gateway/routes/resources.hpp"

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

/// Pages of a model that are looked through for one answer, where most of what they hold is not for
/// the caller. What is further on is behind `next`.
inline constexpr int kPagesMax = 50;

/// Answers with a page of what the caller may see: `page(after, limit)` asks the model,
/// `shown(item)` says whether the item is for the caller, `write(out, item)` makes JSON of it.
template <class Ask, class Shown, class Write>
void send_page(http::Reply& reply, const PageWanted& wanted, Ask page, Shown shown, Write write) {
  ListBody body;
  std::optional<std::string> next = wanted.after;
  std::size_t count = 0;
  for (int pages = 0; pages < kPagesMax && next && count < wanted.limit; ++pages) {
    const auto found = page(*next, wanted.limit - count);
    if (!found) return refuse_query(reply, found.error());
    for (const auto& item : found->items) {
      if (!shown(*item)) continue;
      write(body.next_item(), *item);
      ++count;
    }
    next = found->next;
  }
  reply.send(200, http::kJson, std::move(body).finished(next));
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
