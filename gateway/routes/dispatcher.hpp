#pragma once

#include "gateway/routes/call.hpp"
#include "gateway/routes/router.hpp"

namespace boxoffice::gateway {

/// The way of a request to its handler, in this order: route, who is calling, limits, what they
/// may, which parameters, how new what it reads must be. Open routes ask neither who nor how new:
/// probes get their answer whatever they send along. Whatever stands against it is answered
/// on the way. Thread-safe.
class Dispatcher {
 public:
  /// Both must outlive the dispatcher.
  Dispatcher(Environment& environment, std::span<const Route> routes);

  void handle(const http::Request& request, http::Reply reply);

 private:
  void refuse_path(const http::Request& request, http::Reply& reply,
                   const std::optional<Router::Found>& found);
  bool sign_in(Call& call, http::Reply& reply);
  bool within_limits(const Call& call, http::Reply& reply);
  /// Takes one from that limit. False: there is none, and the reply is sent.
  bool takes(limits::Policy policy, std::string_view key, http::Reply& reply);
  bool may_call(Call& call, http::Reply& reply);
  bool parameters_known(Call& call, std::string_view query, http::Reply& reply);
  /// Finds out what the read models must have. False: what the client demands is malformed, and the
  /// reply is sent.
  bool positions_known(Call& call, http::Reply& reply);

  Environment& environment_;
  Router router_;
};

}  // namespace boxoffice::gateway
