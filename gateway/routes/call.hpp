#pragma once

#include <array>
#include <optional>
#include <string>

#include "gateway/auth/authenticator.hpp"
#include "gateway/auth/client_address.hpp"
#include "gateway/gateway.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/target.hpp"
#include "gateway/limits/limiter.hpp"
#include "gateway/routes/route.hpp"
#include "gateway/routes/time_zones.hpp"
#include "gateway/told.hpp"

namespace boxoffice::gateway {

class Metrics;

/// What all handlers work with; outlives every call and every reply.
struct Environment {
  const Settings& settings;
  const Services& services;
  TrustedProxies proxies;
  limits::Limiter limiter;
  Authenticator authenticator;
  Metrics& metrics;
  std::string openapi;
  TimeZones time_zones;
  Told told;
};

/// One request on its way through its handler. Dies when the handler returns, or, where it asks,
/// when what follows the answer does.
struct Call {
  Environment& environment;
  const http::Request& request;
  const Route& route;
  std::array<std::string_view, 2> parts;  ///< what stands for the names in the route's path
  http::Query query;
  std::string_view path;
  std::string client;                  ///< whose request it is: an address as rules see it
  std::optional<Principal> principal;  ///< nullopt: nobody known
  std::string request_id;
  std::vector<schema::Position> at_least;  ///< what it reads has these …
  bool strict = false;                     ///< … or it is refused

  const Services& services() const { return environment.services; }
  bool is(Who who) const { return principal && who_of(principal->role) == who; }
};

/// Answers with a problem document; adds `WWW-Authenticate` to a `401`, and `Retry-After` to a
/// `503`.
void refuse(http::Reply& reply, const http::Problem& problem);
void refuse(http::Reply& reply, std::string_view name, std::string detail);

/// Tells what a limit took and what it leaves, in place of what another limit told before; where it
/// refused, when to come back, too. Nothing where limits are off.
void tell_limit(http::Reply& reply, const limits::Limiter& limiter, limits::Policy policy,
                const limits::Taken& taken);

/// Answers `401`, and lets the client's address pay for it.
void refuse_credentials(Call& call, http::Reply& reply, std::string_view name, std::string detail);

/// Whether the caller may organize that occasion: an admin, a key of the role organizer (or admin)
/// limited to it, or the one that made it. nullopt: that hangs on who made it.
std::optional<bool> may_organize(const Call& call, const schema::OccasionId& occasion);
/// The same of an occasion that was looked up; nullptr: there is none.
bool may_organize(const Call& call, const schema::OccasionId& occasion,
                  const projections::OccasionView* view);
/// What the caller, an organizer or admin, may organize.
projections::Scope organized_by(const Principal& principal);
/// `403`: the call is about an occasion that is not the key's.
void refuse_other_occasion(http::Reply& reply);

/// The occasion's id in the path; nullopt: no occasion has such an id, and the reply is sent.
std::optional<schema::OccasionId> occasion_in_path(const Call& call, http::Reply& reply);
std::optional<schema::ClaimId> claim_in_path(const Call& call, http::Reply& reply);

}  // namespace boxoffice::gateway
