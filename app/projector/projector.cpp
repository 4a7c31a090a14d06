#include "app/projector/projector.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <stdexcept>

#include "app/history/read_models_tool.hpp"
#include "app/serve/listening.hpp"
#include "app/serve/opened_log.hpp"
#include "app/serve/process.hpp"
#include "app/serve/ready_file.hpp"
#include "app/settings/role_settings.hpp"
#include "app/settings/subcommands.hpp"
#include "projections/desk/local_desk.hpp"
#include "projections/transport/query_server.hpp"

namespace boxoffice::app {
namespace {

using projections::ReadModels;
namespace transport = projections::transport;

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr std::chrono::milliseconds kLagMax{2000};

/// Whoever decides makes the topics, perhaps later than this starts. nullopt: asked to stop before.
std::optional<OpenedLog> open_when_there(const Settings& settings, Signals& signals) {
  std::string told;
  for (;;) {
    std::string why;
    if (auto opened = open_log_to_follow(settings, why)) return opened;
    if (why != told) spdlog::warn("the log cannot be followed yet: {}", why);
    told = why;
    if (signals.wait_for_stop(kLookEvery)) return std::nullopt;
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

/// What keeps the read models from being up to date; empty: they are.
std::string why_not_ready(const ReadModels& models) {
  if (const auto trouble = models.trouble()) return "read models: " + *trouble;
  if (!models.ready()) return "read models: catching up with the log";
  if (models.lag() > kLagMax) return "read models: more than 2 s behind, or no broker answers";
  return {};
}

/// The ready file is there as long as gateways are well served; what keeps it away is logged once.
class Readiness {
 public:
  Readiness(const Settings& settings, const ReadModels& models, std::string listen)
      : models_(models), file_(settings.optional_text("ready-file")), listen_(std::move(listen)) {}

  void look() {
    std::string why = why_not_ready(models_);
    if (told_ && *told_ == why) return;
    if (why.empty()) {
      file_.write(listen_);
      spdlog::info("ready");
    } else {
      file_.remove();
      spdlog::warn("not ready: {}", why);
    }
    told_ = std::move(why);
  }

 private:
  const ReadModels& models_;
  const ReadyFile file_;
  const std::string listen_;
  std::optional<std::string> told_;
};

/// The exit code.
int project(const Settings& settings) {
  Signals signals(false);
  const Settings::Endpoint listen = settings.endpoint("query-listen");
  const std::string address = listening_address(listen.host, "query-listen");
  const auto opened = open_when_there(settings, signals);
  if (!opened) return 0;
  const auto models = open_models(settings, *opened->log);
  auto control = control::Server::start(settings.path("data"), {}, read_models_handlers(*models));
  if (!control) throw std::runtime_error(control.error());

  projections::LocalDesk desk(*models, {.short_threads = 2});
  transport::QueryServer server({.address = address,
                                 .port = listen.port,
                                 .deployment = std::string(opened->log->deployment())},
                                desk, [&] { return health(*opened->log, *models); });
  if (const auto started = server.start(); !started)
    throw WrongSetting(fmt::format("setting query-listen: {}", started.error()));
  spdlog::info("gateways may ask at {}", authority(address, server.port()));

  Readiness readiness(settings, *models, authority(address, server.port()));
  do readiness.look();
  while (!signals.wait_for_stop(kLookEvery));
  spdlog::info("stopping");
  server.stop();
  control->reset();
  if (const auto flushed = models->stop(); !flushed)
    spdlog::warn("read models: {}; they are made from the log again", flushed.error().message);
  spdlog::info("stopped");
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
