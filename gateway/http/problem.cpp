#include "gateway/http/problem.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "events-schema/json_writer.hpp"

namespace boxoffice::gateway::http {

namespace {

constexpr std::array kKinds = std::to_array<ProblemKind>({
    {"already_claimed", 409, "There is a live claim already",
     "There is a live claim for this e-mail address."},
    {"already_closed", 409, "The occasion is closed already", "The occasion is closed already."},
    {"already_made", 409, "It was made before", "An earlier request made this very occasion."},
    {"already_open", 409, "The occasion is open already", "The occasion is open already."},
    {"bad_condition", 400, "The condition is malformed"},
    {"bad_cursor", 400, "The cursor is malformed"},
    {"bad_email", 400, "Not an e-mail address"},
    {"bad_idempotency_key", 400, "The idempotency key is malformed"},
    {"bad_parameter", 400, "A parameter is malformed"},
    {"bad_position", 400, "The position is malformed"},
    {"bad_time_zone", 400, "Not a time zone"},
    {"behind", 503, "The read models are behind"},
    {"below_committed", 409, "Fewer tickets than are committed",
     "More tickets are committed than the pool would have."},
    {"body_too_large", 413, "The body is too large"},
    {"busy", 503, "The service is busy"},
    {"cancelled", 409, "The occasion is cancelled", "The occasion is cancelled."},
    {"claim_ended", 409, "The claim has ended", "The claim was released or has expired."},
    {"claims_off", 409, "Tickets cannot be claimed here",
     "Tickets of this occasion are not given by claims."},
    {"closed", 409, "The occasion is closed", "The occasion is closed."},
    {"codes_exhausted", 409, "Too few codes for the tickets",
     "The codes are too short for so many tickets. \"codes\": {\"length\": null} in the same patch "
     "makes them as long as these need; who creates an occasion leaves the length out."},
    {"does_not_fit", 409, "The change does not fit",
     "The change is well formed, but does not fit the occasion."},
    {"event_too_large", 413, "The event would be too large for the log"},
    {"forbidden", 403, "Not allowed"},
    {"headers_too_large", 431, "The headers are too large"},
    {"internal_error", 500, "The server failed"},
    {"key_ended", 409, "The key was made before and deleted",
     "This very key was made before and has been deleted since."},
    {"key_reused", 422, "The idempotency key was used for another request"},
    {"malformed_http", 400, "The request is malformed"},
    {"malformed_json", 400, "The body is malformed"},
    {"method_not_allowed", 405, "The method is not allowed"},
    {"missing_body", 400, "The body is missing"},
    {"missing_field", 400, "A field is missing"},
    {"not_open", 409, "The occasion is not open", "The occasion is not open."},
    {"not_reached", 503, "The position is not reached yet"},
    {"out_of_range", 400, "A value is out of range"},
    {"pools_fixed", 409, "The pools are fixed",
     "Pools may be resized and added, not removed, renamed or reordered."},
    {"precondition_failed", 412, "The resource has changed",
     "The resource has changed since the version named."},
    {"rate_limited", 429, "Too many requests"},
    {"sold_out", 409, "Sold out", "No ticket is free."},
    {"too_late", 503, "Decided too late", "Decided too late."},
    {"too_many_connections", 503, "Too many connections"},
    {"too_slow", 408, "The request was too slow"},
    {"unauthorized", 401, "Not signed in"},
    {"unavailable", 503, "The service is unavailable"},
    {"unknown_claim", 404, "No such claim"},
    {"unknown_field", 400, "An unknown field"},
    {"unknown_http_version", 505, "An unknown version of HTTP"},
    {"unknown_key", 404, "No such key", "There is no key of this id."},
    {"unknown_occasion", 404, "No such occasion", "There is no occasion of this id."},
    {"unknown_parameter", 400, "An unknown parameter"},
    {"unknown_path", 404, "No such resource"},
    {"unknown_transfer_coding", 501, "An unknown transfer coding"},
    {"unsupported_media_type", 415, "The content type is not understood"},
    {"weak_key", 400, "The idempotency key is too short"},
    {"wrong_token", 401, "A wrong or missing token"},
    {"wrong_type", 400, "A value of a wrong type"},
});

static_assert(std::ranges::is_sorted(kKinds, {}, &ProblemKind::name));

}  // namespace

std::span<const ProblemKind> problem_kinds() { return kKinds; }

const ProblemKind& problem_kind(std::string_view name) {
  const auto found = std::ranges::lower_bound(kKinds, name, {}, &ProblemKind::name);
  if (found == kKinds.end() || found->name != name) std::abort();
  return *found;
}

std::string to_json(const Problem& problem) {
  const ProblemKind& kind = problem_kind(problem.name);
  std::string out;
  schema::JsonWriter json(out);
  json.begin_object()
      .member("type", "/problems/" + std::string(kind.name))
      .member("title", kind.title)
      .member("status", kind.status)
      .member("detail", problem.detail)
      .member("name", kind.name);
  if (problem.field) json.member("field", *problem.field);
  out += problem.extensions;
  json.end_object();
  return out;
}

void extend(std::string& extensions, std::string_view name, std::string_view text) {
  extensions += ",\"";
  extensions += name;
  extensions += "\":";
  schema::write_json(extensions, text);
}

}  // namespace boxoffice::gateway::http
