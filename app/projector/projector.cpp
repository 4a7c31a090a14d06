#include "app/projector/projector.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <thread>

#include "app/history/read_models_tool.hpp"
#include "app/metrics/reading.hpp"
#include "app/serve/listening.hpp"
#include "app/serve/opened_log.hpp"
#include "app/serve/process.hpp"
#include "app/serve/readiness_lines.hpp"
#include "app/serve/ready_file.hpp"
#include "app/settings/role_settings.hpp"
#include "app/settings/subcommands.hpp"
#include "app/status/status_page.hpp"
#include "journal/journal.hpp"
#include "projections/desk/local_desk.hpp"
#include "projections/transport/query_server.hpp"

namespace boxoffice::app {
namespace {

using projections::ReadModels;
namespace transport = projections::transport;

constexpr std::chrono::milliseconds kLookEvery{500};

/// Whoever decides makes the topics, perhaps later than this starts.
OpenedLog open_when_there(const Settings& settings) {
  std::string told;
  for (;;) {
    std::string why;
    if (auto opened = open_log_to_follow(settings, why)) return std::move(*opened);
    if (why != told)
      journal::warning("waiting", "the log cannot be followed yet: " + why)
          .with("for", "the log")
          .with("error", why);
    told = why;
    std::this_thread::sleep_for(kLookEvery);
  }
}

std::unique_ptr<ReadModels> open_models(const Settings& settings, event_log::Log& log) {
  auto models = ReadModels::open(settings.path("data") / "projections", log);
  if (!models) throw std::runtime_error(models.error().message);
  (*models)->start();
  return std::move(*models);
}

transport::Health health(const event_log::Log& log, const ReadModels& models) {
  const auto lag = std::min<std::int64_t>(models.lag().count(), UINT32_MAX);
  transport::Health health{.ready = models.ready(), .lag_ms = static_cast<std::uint32_t>(lag)};
  for (std::uint16_t i = 0; i < log.partitions(); ++i)
    health.applied.push_back(models.applied({i}));
  return health;
}

/// Whether gateways are well served.
gateway::Readiness readiness(const ReadModels& models) {
  const auto not_ready = [](std::string why) {
    return gateway::Readiness{.ready = false, .reasons = {"read models: " + std::move(why)}};
  };
  if (auto trouble = models.trouble()) return not_ready(*std::move(trouble));
  if (!models.ready()) return not_ready("catching up with the log");
  if (models.lag() > kReadLagMax) return not_ready("more than 2 s behind, or no broker answers");
  return {};
}

class ProjectorMetrics final : public prometheus::Collectable {
 public:
  ProjectorMetrics(const event_log::Log& log, const ReadModels& models,
                   const transport::QueryServer& server)
      : log_(log), models_(models), server_(server) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    auto families = reading_families(log_, models_);
    families.push_back(gauge("boxoffice_query_connections", "Connections of gateways that ask.",
                             double(server_.connections())));
    return families;
  }

 private:
  const event_log::Log& log_;
  const ReadModels& models_;
  const transport::QueryServer& server_;
};

/// The exit code.
int project(const Settings& settings) {
  Signals signals(false);
  const Endpoint listen = settings.endpoint("query-listen");
  const std::string address = listening_address(listen.host, "query-listen");
  std::optional<EndAtOnce> starting(std::in_place, signals);
  const OpenedLog opened = open_when_there(settings);
  starting.reset();
  // Only now, for until the directory is ours the file may be that of a projector that runs.
  ReadyFile ready_file(settings.optional_text("ready-file"));
  const auto models = open_models(settings, *opened.log);
  auto control = control::Server::start(settings.path("data"), {}, read_models_handlers(*models));
  if (!control) throw std::runtime_error(control.error());

  projections::LocalDesk desk(*models, {.short_threads = 2});
  transport::QueryServer server({.address = address,
                                 .port = listen.port,
                                 .deployment = std::string(opened.log->deployment())},
                                desk, [&] { return health(*opened.log, *models); });
  if (const auto started = server.start(); !started)
    throw WrongSetting(fmt::format("setting query-listen: {}", started.error()));
  const std::string queries_at = authority(address, server.port());
  journal::info("queries_listening", "gateways may ask at " + queries_at)
      .with("address", queries_at);

  std::optional<StatusPage> page;
  if (settings.given("listen"))
    page.emplace(
        settings, [&] { return readiness(*models); },
        std::vector<std::shared_ptr<prometheus::Collectable>>{
            std::make_shared<ProjectorMetrics>(*opened.log, *models, server)});
  if (page) tell_status(page->listen());

  ReadinessLines lines;
  do {
    const gateway::Readiness now = readiness(*models);
    lines.look(now);
    ready_file.follow(now.ready, queries_at);
  } while (!signals.wait_for_stop(kLookEvery));
  ready_file.remove();
  journal::info("stopping", "stopping");
  server.stop();
  control->reset();
  if (const auto flushed = models->stop(); !flushed)
    journal::warning("read_models_unsaved", "read models: " + flushed.error().message +
                                                "; they are made from the log again")
        .with("error", flushed.error().message);
  journal::info("stopped", "stopped");
  return 0;
}

}  // namespace

int run_projector(std::span<const std::string> arguments) {
  if (asks_for_help(arguments)) {
    fmt::print("boxoffice projector: read models of a log on Kafka, for gateways to ask\n\n{}",
               described(projector_settings()));
    return 0;
  }
  const Settings settings(projector_settings(), arguments, settings_of_all_roles());
  begin_logging(settings);
  return project(settings);
}

}  // namespace boxoffice::app
