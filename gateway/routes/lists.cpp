#include "gateway/routes/lists.hpp"

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
      return refuse(reply, "bad_cursor", "This cursor was not made by this list.");
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

}  // namespace boxoffice::gateway
