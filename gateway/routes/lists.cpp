#include "gateway/routes/lists.hpp"

#include <algorithm>
#include <charconv>

namespace boxoffice::gateway {

std::optional<PageWanted> page_wanted(const Call& call, http::Reply& reply) {
  PageWanted page;
  if (const std::string* text = call.query.find("limit")) {
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, page.limit);
    if (error != std::errc() || stop != end || page.limit < 1 || page.limit > kLimitMax) {
      refuse_parameter(reply, "limit", "The limit is a number from 1 to 500.");
      return std::nullopt;
    }
  }
  if (const std::string* text = call.query.find("after")) {
    if (text->empty()) {
      refuse_query(reply, projections::QueryError::bad_cursor);
      return std::nullopt;
    }
    page.after = *text;
  }
  return page;
}

void refuse_query(http::Reply& reply, projections::QueryError error) {
  switch (error) {
    case projections::QueryError::bad_cursor:
      return refuse(reply, {.name = "bad_cursor",
                            .detail = "This cursor was not made by this list.",
                            .field = "after"});
    case projections::QueryError::unavailable:
      return refuse(reply, "unavailable", "The read models cannot answer now.");
  }
}

void refuse_parameter(http::Reply& reply, std::string_view name, std::string detail) {
  http::Problem problem{
      .name = "bad_parameter", .detail = std::move(detail), .field = std::string(name)};
  http::extend(problem.extensions, "parameter", name);
  refuse(reply, problem);
}

bool read_time(const Call& call, http::Reply& reply, std::string_view name,
               std::optional<schema::Instant>& into) {
  const std::string* text = call.query.find(name);
  if (text == nullptr) return true;
  // The plus of an offset that nobody encoded comes as a blank, where RFC 3339 has none.
  std::string time = *text;
  std::ranges::replace(time, ' ', '+');
  into = schema::instant_from_rfc3339(time);
  if (!into)
    refuse_parameter(reply, name,
                     "This is not a time like 2027-01-16T19:00:00.000Z or "
                     "2027-01-16T20:00:00+01:00, in whole milliseconds.");
  return into.has_value();
}

}  // namespace boxoffice::gateway
