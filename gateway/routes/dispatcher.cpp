#include "gateway/routes/dispatcher.hpp"

#include <algorithm>

#include "gateway/routes/body.hpp"
#include "gateway/routes/command.hpp"
#include "gateway/routes/headers.hpp"
#include "gateway/routes/lists.hpp"

namespace boxoffice::gateway {

namespace {

std::string client_of(const http::Request& request, const TrustedProxies& proxies) {
  std::vector<std::string_view> lines;
  for (const http::Header& header : request.headers) {
    if (proxies.none()) break;
    if (http::equal_ignoring_case(header.name, "X-Forwarded-For")) lines.push_back(header.value);
  }
  const std::string address = client_address(request.peer, lines, proxies);
  return sealing::normalized_ip(address).value_or(address);
}

limits::Policy policy_of(const Principal& principal) {
  const bool device =
      principal.role == schema::Role::gate || principal.role == schema::Role::supervisor;
  return device ? limits::Policy::device : limits::Policy::principal;
}

/// Whoever reads another of them than this service may take the caller for somebody else.
void refuse_two_credentials(http::Reply& reply) {
  refuse(reply, {.name = "malformed_http",
                 .detail = "Authorization may stand once in a request.",
                 .field = "Authorization"});
}

}  // namespace

Dispatcher::Dispatcher(Environment& environment, std::span<const Route> routes)
    : environment_(environment), router_(routes) {}

void Dispatcher::handle(const http::Request& request, http::Reply reply) {
  const auto target = http::split_target(request.target);
  const auto found = target ? router_.find(request.method, target->path) : std::nullopt;
  if (!found || found->route == nullptr) return refuse_path(request, reply, found);
  reply.label(found->index);

  Call call{.environment = environment_,
            .request = request,
            .route = *found->route,
            .parts = found->parts,
            .query = {},
            .path = target->path,
            .client = client_of(request, environment_.proxies),
            .principal = std::nullopt,
            .request_id = std::string(request.id),
            .at_least = {}};
  if (!call.route.open) {
    if (!sign_in(call, reply)) return;
    if (!within_limits(call, reply)) return;
    if (!may_call(call, reply)) return;
  }
  // Where there is one to read, its reader says so, once it is known who may.
  if (request.body_too_large && call.route.operation.body.empty()) return refuse_long_body(reply);
  if (!parameters_known(call, target->query, reply)) return;
  if (!call.route.open && !positions_known(call, reply)) return;
  call.route.handle(call, std::move(reply));
}

void Dispatcher::refuse_path(const http::Request& request, http::Reply& reply,
                             const std::optional<Router::Found>& found) {
  // By IP, whatever key came along: where there is nothing to call, nobody is asked who calls.
  if (!takes(limits::Policy::ip, client_of(request, environment_.proxies), reply)) return;
  if (!found) return refuse(reply, "unknown_path", "There is nothing at this path.");
  reply.add_header("Allow", found->allowed);
  if (request.method == http::Method::options) return reply.send(204, {}, {});
  refuse(reply, "method_not_allowed", "This path has other methods; see Allow.");
}

bool Dispatcher::sign_in(Call& call, http::Reply& reply) {
  const std::string_view authorization = call.request.header("Authorization");
  if (authorization.data() == nullptr) return true;
  if (call.request.count("Authorization") > 1) {
    if (takes(limits::Policy::ip, call.client, reply)) refuse_two_credentials(reply);
    return false;
  }
  auto principal = environment_.authenticator.sign_in(authorization);
  if (principal) {
    call.principal = *principal;
    return true;
  }
  switch (principal.error()) {
    case SignInError::malformed:
    case SignInError::wrong_key:
      refuse_credentials(call, reply, "unauthorized",
                         "This is no key, or one that works no longer.");
      break;
    case SignInError::behind:
      refuse_for_now(call, reply, "behind",
                     "The read models are too far behind to know who is signed in.");
      break;
  }
  return false;
}

bool Dispatcher::within_limits(const Call& call, http::Reply& reply) {
  if (!call.principal) return takes(limits::Policy::ip, call.client, reply);
  return takes(policy_of(*call.principal), schema::to_text(call.principal->id), reply);
}

bool Dispatcher::takes(limits::Policy policy, std::string_view key, http::Reply& reply) {
  limits::Limiter& limiter = environment_.limiter;
  const limits::Taken taken = limiter.take(policy, key);
  tell_limit(reply, limiter, policy, taken);
  if (taken.granted) return true;
  refuse(reply, "rate_limited", "Too many requests came too fast.");
  return false;
}

bool Dispatcher::may_call(Call& call, http::Reply& reply) {
  const Roles& roles = call.route.roles;
  // Who holds a token shows it to the handler.
  if (roles.has(Who::anyone) || roles.has(Who::holder)) return true;
  if (!call.principal) {
    refuse(reply, "unauthorized", "This needs a key: Authorization: Bearer <key>.");
    return false;
  }
  if (!roles.has(who_of(call.principal->role))) {
    refuse(reply, "forbidden", "The key's role may not do this.");
    return false;
  }
  if (!call.route.operation.of_occasion || !call.principal->occasion) return true;
  if (call.parts[0] == schema::to_text(*call.principal->occasion)) return true;
  refuse(reply, "forbidden", "This key is for another occasion.");
  return false;
}

bool Dispatcher::parameters_known(Call& call, std::string_view text, http::Reply& reply) {
  if (text.empty()) return true;
  auto query = http::Query::parse(text);
  if (!query) {
    refuse_parameter(reply, query.error(),
                     "This is not percent-encoded UTF-8, is there twice, or is one too many.");
    return false;
  }
  for (const http::Query::Parameter& parameter : query->parameters()) {
    if (std::ranges::find(call.route.operation.parameters, parameter.name, &ParameterDoc::name) !=
        call.route.operation.parameters.end()) {
      continue;
    }
    http::Problem problem{.name = "unknown_parameter",
                          .detail = "There is no such parameter here.",
                          .field = std::string(parameter.name)};
    http::extend(problem.extensions, "parameter", parameter.name);
    refuse(reply, problem);
    return false;
  }
  call.query = std::move(*query);
  return true;
}

bool Dispatcher::positions_known(Call& call, http::Reply& reply) {
  const std::uint16_t partitions = environment_.services.partitions;
  const bool is_get = call.route.method == http::Method::get;
  if (is_get && call.request.has_header("Boxoffice-At-Least")) {
    auto demanded = positions_of(call.request.joined("Boxoffice-At-Least"), partitions);
    if (!demanded) {
      refuse(reply, {.name = "bad_position",
                     .detail = "A position is <partition>:<sequence>; several stand with commas.",
                     .field = "Boxoffice-At-Least"});
      return false;
    }
    call.at_least = std::move(*demanded);
    call.strict = true;
  }
  if (call.route.as_told)
    call.at_least.push_back(
        environment_.told.through(schema::partition_of(call.parts[0], partitions)));
  return true;
}

}  // namespace boxoffice::gateway
