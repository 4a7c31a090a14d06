#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events-schema/values.hpp"
#include "gateway/http/message.hpp"

/// Entity tags and the conditions on them (RFC 9110, 8.8.3 and 13.1).
namespace boxoffice::gateway {

/// The strong tag of a resource: the sequence of its last event, in quotes.
std::string etag(schema::Sequence sequence);

/// Whether `If-None-Match` names that tag, compared weakly, as for reads. A malformed one names
/// none.
bool names_tag(const http::Request& request, std::string_view tag);

/// `If-Match` as the one sequence that `decide` compares with the resource's own: it alone knows
/// which that is by then. The inner optional is empty where the header is absent or `*`, the outer
/// one where it is malformed. `seen` is the resource's sequence as the read models have it.
///
/// - Tags are compared strongly: a weak one, or one that was never given out, matches nothing.
/// Where
///   no other is named, the answer is a sequence that no event will ever have.
/// - Of several, the one that the resource was seen with, if it is among them. Else the largest:
///   sequences only grow, so of tags that were given out the newest alone can be the present one.
std::optional<std::optional<schema::Sequence>> if_match_of(const http::Request& request,
                                                           std::optional<schema::Sequence> seen);

}  // namespace boxoffice::gateway
