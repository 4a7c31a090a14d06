#include "app/serve/engine.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <stdexcept>

#include "event-log/embedded/embedded_log.hpp"

namespace boxoffice::app {
namespace {

std::unique_ptr<event_log::Log> open_log(const Settings& settings) {
  auto log = event_log::open_embedded(
      {.directory = settings.path("data"),
       .partitions = static_cast<std::uint16_t>(settings.number("partitions")),
       .on_torn_end = [](const event_log::TornEnd& torn) {
         spdlog::warn("cut off at the log's end: {}", event_log::to_text(torn));
       }});
  if (!log && !std::filesystem::is_directory(settings.path("data")))
    throw WrongSetting("setting data: " + log.error().message);
  if (!log) throw std::runtime_error(log.error().message);
  return std::move(*log);
}

std::unique_ptr<sealing::Vault> open_vault(const Settings& settings) {
  const auto master = settings.optional_text("master-key");
  const auto pepper = settings.optional_text("pepper");
  const auto roots = sealing::load_roots(settings.path("data"), master, pepper);
  if (!roots) throw WrongSetting(roots.error());
  if (auto same = sealing::check_roots(settings.path("data"), *roots); !same)
    throw WrongSetting(same.error());
  return std::make_unique<sealing::Vault>(*roots);
}

std::vector<schema::Partition> all_partitions(const event_log::Log& log) {
  std::vector<schema::Partition> all;
  for (std::uint16_t i = 0; i < log.partitions(); ++i) all.push_back({i});
  return all;
}

processor::Settings processor_settings(const Settings& settings) {
  return {.inbox_submissions_max = static_cast<std::size_t>(settings.number("inbox")),
          .key_window = settings.duration("idempotency-window-ms"),
          .snapshot_interval = settings.duration("snapshot-every-ms")};
}

}  // namespace

schema::Instant wall_clock() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Engine::Engine(const Settings& settings)
    : directory_(settings.path("data")), log_(open_log(settings)), vault_(open_vault(settings)) {
  auto models = projections::ReadModels::open(directory_ / "projections", *log_);
  if (!models) throw std::runtime_error(models.error().message);
  models_ = std::move(*models);

  background_ = std::make_unique<processor::BackgroundThread>();
  auto keys = processor::DiskKeys::open({.directory = directory_ / "idempotency",
                                         .window = settings.duration("idempotency-window-ms")},
                                        *background_);
  if (!keys) throw std::runtime_error(keys.error());
  keys_ = std::move(*keys);
  snapshots_ = std::make_unique<processor::SnapshotDirectory>(directory_ / "snapshots");
  processor_ = std::make_unique<processor::Processor>(
      processor_settings(settings),
      processor::Surroundings{
          .log = *log_, .keys = *keys_, .snapshots = *snapshots_, .background = *background_},
      all_partitions(*log_));

  models_->start();
  deciding_ = std::make_unique<processor::ProcessorThread>(*processor_, wall_clock);
}

Engine::~Engine() { stop(); }

void Engine::stop() {
  if (!deciding_) return;
  deciding_->stop();
  deciding_.reset();
  // What could not be flushed is applied again at the next start.
  [[maybe_unused]] const auto flushed = models_->stop();
}

}  // namespace boxoffice::app
