#include "gateway/routes/refusals.hpp"

#include <variant>

namespace boxoffice::gateway {

namespace {

std::string_view detail_of(const Refusal& refusal) {
  if (refusal.rule == schema::ClaimRule::one_per_ip)
    return "There is a live claim from this network address.";
  return http::problem_kind(refusal.name).detail;
}

}  // namespace

std::optional<Refusal> refusal_of(const schema::Event& event) {
  return std::visit(
      [](const auto& one) -> std::optional<Refusal> {
        if constexpr (requires { one.refusal; }) {
          Refusal refusal{.name = to_text(one.refusal)};
          if constexpr (requires { one.try_again_at; }) refusal.try_again_at = one.try_again_at;
          if constexpr (requires { one.rule; }) refusal.rule = one.rule;
          if constexpr (requires { one.field; }) refusal.field = one.field;
          return refusal;
        } else {
          return std::nullopt;
        }
      },
      event);
}

http::Problem problem_of(const Refusal& refusal) {
  http::Problem problem{
      .name = refusal.name, .detail = std::string(detail_of(refusal)), .field = refusal.field};
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
