#include "gateway/routes/call.hpp"

namespace boxoffice::gateway {

void refuse(http::Reply& reply, const http::Problem& problem) {
  const int status = http::problem_status(problem.name);
  if (status == 401) reply.add_header("WWW-Authenticate", "Bearer realm=\"boxoffice\"");
  if (status == 503) reply.add_header("Retry-After", "1");
  reply.send(status, http::kProblemJson, to_json(problem));
}

void refuse(http::Reply& reply, std::string_view name, std::string detail) {
  refuse(reply, http::Problem{.name = name, .detail = std::move(detail)});
}

void tell_limit(http::Reply& reply, const limits::Limiter& limiter, limits::Policy policy,
                const limits::Taken& taken) {
  if (!limiter.on()) return;
  reply.set_header("RateLimit-Policy", limiter.policy_header(policy));
  reply.set_header("RateLimit", limiter.header(policy, taken));
  if (taken.granted) return;
  reply.set_header("Retry-After", std::to_string(limits::Limiter::retry_after_s(taken)));
}

void refuse_credentials(Call& call, http::Reply& reply, std::string_view name, std::string detail) {
  // Whoever guesses is slowed; a right key or token from the same address goes on working.
  limits::Limiter& limiter = call.environment.limiter;
  const limits::Taken taken = limiter.take(limits::Policy::sign_in, call.client);
  tell_limit(reply, limiter, limits::Policy::sign_in, taken);
  if (taken.granted) return refuse(reply, name, std::move(detail));
  refuse(reply, "rate_limited", "Too many wrong keys or tokens came from this address.");
}

std::optional<bool> may_organize(const Call& call, const schema::OccasionId& occasion) {
  if (!call.principal) return false;
  const Principal& principal = *call.principal;
  if (principal.is_admin()) return true;
  const bool organizes =
      principal.role == schema::Role::organizer || principal.role == schema::Role::admin;
  if (!organizes) return false;
  if (principal.occasion) return *principal.occasion == occasion;
  return std::nullopt;
}

bool may_organize(const Call& call, const schema::OccasionId& occasion,
                  const projections::OccasionView* view) {
  if (const auto known = may_organize(call, occasion)) return *known;
  return view && view->organizer == call.principal->id;
}

void refuse_other_occasion(http::Reply& reply) {
  refuse(reply, "forbidden", "This key must ask for an occasion of its own.");
}

projections::Scope organized_by(const Principal& principal) {
  if (principal.is_admin()) return {};
  if (principal.occasion) return *principal.occasion;
  return principal.id;
}

std::optional<schema::OccasionId> occasion_in_path(const Call& call, http::Reply& reply) {
  auto id = schema::id_from_text<schema::OccasionId>(call.parts[0]);
  if (!id) refuse(reply, "unknown_occasion", "There is no occasion of this id.");
  return id;
}

std::optional<schema::ClaimId> claim_in_path(const Call& call, http::Reply& reply) {
  auto id = schema::id_from_text<schema::ClaimId>(call.parts[1]);
  if (!id) refuse(reply, "unknown_claim", "There is no claim of this id.");
  return id;
}

}  // namespace boxoffice::gateway
