#include "gateway/routes/refusals.hpp"

#include <variant>

namespace boxoffice::gateway {

namespace {

std::string detail_of(const Refusal& refusal) {
  const std::string_view name = refusal.name;
  if (name == "already_claimed") {
    return refusal.rule == schema::ClaimRule::one_per_ip
               ? "There is a live claim from this network address."
               : "There is a live claim for this e-mail address.";
  }
  if (name == "sold_out") return "No ticket is free.";
  if (name == "not_open") return "The occasion is not open.";
  if (name == "closed") return "The occasion is closed.";
  if (name == "cancelled") return "The occasion is cancelled.";
  if (name == "claims_off") return "Tickets of this occasion are not given by claims.";
  if (name == "claim_ended") return "The claim was released or has expired.";
  if (name == "unknown_occasion") return "There is no occasion of this id.";
  if (name == "key_ended") return "This very key was made before and has been deleted since.";
  if (name == "does_not_fit") return "The change is well formed, but does not fit the occasion.";
  if (name == "unknown_key") return "There is no key of this id.";
  if (name == "precondition_failed") return "The resource has changed since the version named.";
  if (name == "already_open") return "The occasion is open already.";
  if (name == "already_closed") return "The occasion is closed already.";
  if (name == "below_committed") return "More tickets are committed than the pool would have.";
  if (name == "pools_fixed") return "Pools may be resized and added, not removed or renamed.";
  if (name == "codes_exhausted") return "The codes are too short for so many tickets.";
  return std::string(http::problem_kind(name).title) + ".";
}

}  // namespace

std::optional<Refusal> refusal_of(const schema::Event& event) {
  return std::visit(
      [](const auto& one) -> std::optional<Refusal> {
        if constexpr (requires { one.refusal; }) {
          Refusal refusal{.name = to_text(one.refusal)};
          if constexpr (requires { one.try_again_at; }) refusal.try_again_at = one.try_again_at;
          if constexpr (requires { one.rule; }) refusal.rule = one.rule;
          if constexpr (requires { one.field; }) refusal.field = one.field.value_or("");
          return refusal;
        } else {
          return std::nullopt;
        }
      },
      event);
}

http::Problem problem_of(const Refusal& refusal) {
  http::Problem problem{.name = refusal.name, .detail = detail_of(refusal), .field = refusal.field};
  if (refusal.rule) http::extend(problem.extensions, "rule", to_text(*refusal.rule));
  if (refusal.try_again_at) {
    const std::string instant = schema::to_text(*refusal.try_again_at);
    // Of a live claim it is the time at which that one expires.
    if (refusal.name == "already_claimed") http::extend(problem.extensions, "expires_at", instant);
    http::extend(problem.extensions, "try_again_at", instant);
  }
  return problem;
}

}  // namespace boxoffice::gateway
