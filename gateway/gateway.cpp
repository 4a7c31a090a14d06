#include "gateway/gateway.hpp"

#include "gateway/metrics/metrics.hpp"
#include "gateway/openapi/document.hpp"
#include "gateway/routes/dispatcher.hpp"

namespace boxoffice::gateway {

struct Gateway::Parts {
  Settings settings;
  Services services;
  Metrics metrics;
  Environment environment;
  Dispatcher dispatcher;
  http::Server server;

  Parts(Settings given, Services with)
      : settings(std::move(given)),
        services(std::move(with)),
        metrics(routes()),
        environment{.settings = settings,
                    .services = services,
                    .proxies = TrustedProxies(settings.trusted_proxies),
                    .limiter = limits::Limiter(settings.limits),
                    .authenticator = Authenticator(settings, services),
                    .metrics = metrics,
                    .openapi = openapi_document(routes()),
                    .time_zones = TimeZones(),
                    .told = Told(services.partitions)},
        dispatcher(environment, routes()),
        server(
            settings.http,
            [this](const http::Request& request, http::Reply reply) {
              dispatcher.handle(request, std::move(reply));
            },
            [this](const http::Answered& answered) { metrics.answered(answered); }) {
    metrics.watch([this] {
      Metrics::Gauges gauges{.connections = server.connections(),
                             .connections_refused = server.connections_refused()};
      for (std::size_t i = 0; i < limits::kPolicies; ++i) {
        gauges.limited[i] = environment.limiter.refused(static_cast<limits::Policy>(i));
      }
      return gauges;
    });
  }
};

Gateway::Gateway(Settings settings, Services services)
    : parts_(std::make_unique<Parts>(std::move(settings), std::move(services))) {}

Gateway::~Gateway() { stop(); }

std::expected<void, std::string> Gateway::start() { return parts_->server.start(); }
void Gateway::use(http::Certificate certificate) { parts_->server.use(std::move(certificate)); }
std::uint16_t Gateway::port() const { return parts_->server.port(); }
void Gateway::stop() { parts_->server.stop(); }
const std::string& Gateway::openapi() const { return parts_->environment.openapi; }

}  // namespace boxoffice::gateway
