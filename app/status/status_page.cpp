#include "app/status/status_page.hpp"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include "app/serve/listening.hpp"
#include "events-schema/json_writer.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/server.hpp"

namespace boxoffice::app {
namespace {

namespace http = gateway::http;

std::string readiness_body(const gateway::Readiness& readiness) {
  std::string body;
  schema::JsonWriter json(body);
  json.begin_object().member("ready", readiness.ready).key("reasons").begin_array();
  for (const std::string& reason : readiness.reasons) json.value(reason);
  json.end_array().end_object();
  return body;
}

}  // namespace

struct StatusPage::Parts {
  std::function<gateway::Readiness()> readiness;
  std::vector<std::shared_ptr<prometheus::Collectable>> metrics;
  http::Server server;

  Parts(http::ServerSettings settings, std::function<gateway::Readiness()> ready,
        std::vector<std::shared_ptr<prometheus::Collectable>> measured)
      : readiness(std::move(ready)),
        metrics(std::move(measured)),
        server(
            std::move(settings),
            [this](const http::Request& request, http::Reply reply) {
              answer(request, std::move(reply));
            },
            [](const http::Answered&) {}) {}

  void answer(const http::Request& request, http::Reply reply) {
    if (request.target == "/healthz") return reply.send(200, http::kJson, R"({"status":"ok"})");
    if (request.target == "/readyz") {
      const gateway::Readiness now = readiness();
      if (!now.ready) reply.add_header("Retry-After", "1");
      return reply.send(now.ready ? 200 : 503, http::kJson, readiness_body(now));
    }
    if (request.target == "/metrics")
      return reply.send(200, "text/plain; version=0.0.4; charset=utf-8", measured());
    reply.send(404, http::kProblemJson,
               to_json(http::Problem{.name = "unknown_path",
                                     .detail = "Here are /healthz, /readyz and /metrics."}));
  }

  std::string measured() const {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& each : metrics)
      for (prometheus::MetricFamily& family : each->Collect())
        families.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(families);
  }
};

StatusPage::StatusPage(const Settings& settings, std::function<gateway::Readiness()> readiness,
                       std::vector<std::shared_ptr<prometheus::Collectable>> metrics) {
  constexpr std::size_t kConnectionsMax = 256;
  const Endpoint listen = settings.endpoint("listen");
  const std::string address = listening_address(listen.host);
  parts_ = std::make_unique<Parts>(
      http::ServerSettings{
          .address = address, .port = listen.port, .connections_max = kConnectionsMax},
      std::move(readiness), std::move(metrics));
  if (auto started = parts_->server.start(); !started)
    throw WrongSetting(fmt::format("setting listen: {}", started.error()));
  listen_ = authority(address, parts_->server.port());
}

StatusPage::~StatusPage() { parts_->server.stop(); }

}  // namespace boxoffice::app
