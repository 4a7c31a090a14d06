#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "gateway/routes/route.hpp"

/// The headers of the contract, as the OpenAPI document describes them. Those of messages (`Date`,
/// `Content-Length` …) are HTTP's own.
namespace boxoffice::gateway {

struct HeaderDoc {
  std::string_view name;
  std::string_view schema;  ///< JSON
  std::string_view description;
};

/// All that answers may have, by name.
std::span<const HeaderDoc> headers_of_answers();

/// Names of those that answers of this status have, at least sometimes. `own` are the answer's,
/// beside what follows from the route's kind and from the status.
std::vector<std::string_view> headers_of_answer(const Route& route, int status,
                                                std::span<const std::string_view> own);

/// Those that requests of the route may have, beside credentials.
std::vector<HeaderDoc> headers_of_request(const Route& route);

}  // namespace boxoffice::gateway
