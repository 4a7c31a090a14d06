#include "app/serve/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "app/serve/deciding_lines.hpp"
#include "app/serve/or_throw.hpp"
#include "commands/processor/adoption.hpp"
#include "commands/processor/snapshot_directory.hpp"
#include "commands/processor/snapshot_topic.hpp"
#include "event-log/kafka/command_topic.hpp"

namespace boxoffice::app {
namespace {

std::vector<schema::Partition> all_partitions(const event_log::Log& log) {
  std::vector<schema::Partition> all;
  for (std::uint16_t i = 0; i < log.partitions(); ++i) all.push_back({i});
  return all;
}

/// How many partitions commit together: an embedded log syncs all at once, a transaction on a
/// cluster is one partition's.
std::vector<std::vector<schema::Partition>> shards_of(const OpenedLog& opened) {
  std::vector<schema::Partition> all = all_partitions(*opened.log);
  if (!opened.is_elsewhere()) return {std::move(all)};
  std::vector<std::vector<schema::Partition>> shards;
  for (const schema::Partition partition : all) shards.push_back({partition});
  return shards;
}

processor::Settings processor_settings(const Settings& settings, const OpenedLog& opened) {
  processor::Settings result{
      .inbox_submissions_max = static_cast<std::size_t>(settings.number("inbox")),
      .key_window = settings.duration("idempotency-window-ms"),
      .snapshot_interval = settings.duration("snapshot-every-ms")};
  // While no broker answers, taking over takes as long as its time-out, and nobody should wait.
  if (opened.is_elsewhere()) result.away_max = std::chrono::seconds(1);
  return result;
}

}  // namespace

schema::Instant wall_clock() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Engine::Engine(const Settings& settings)
    : directory_(settings.path("data")),
      opened_(open_log(settings)),
      vault_(open_vault(settings, opened_)) {
  auto models = projections::ReadModels::open(directory_ / "projections", log());
  if (!models) throw std::runtime_error(models.error().message);
  models_ = std::move(*models);
  desk_ = std::make_unique<projections::LocalDesk>(*models_);

  background_ = std::make_unique<processor::BackgroundThread>();
  const auto partitions = shards_of(opened_);
  const processor::DiskKeysSettings key_settings =
      processor::share_of({.directory = directory_ / "idempotency",
                           .window = settings.duration("idempotency-window-ms")},
                          partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    processor::DiskKeysSettings of_shard = key_settings;
    if (partitions.size() > 1) of_shard.directory /= std::to_string(i);
    auto keys = processor::DiskKeys::open(std::move(of_shard), *background_);
    if (!keys) throw std::runtime_error(keys.error());
    keys_.push_back(std::move(*keys));
  }
  if (opened_.is_elsewhere())
    make_what_travels(settings);
  else
    snapshots_ = std::make_unique<processor::SnapshotDirectory>(directory_ / "snapshots");
  if (opened_.is_elsewhere()) demand_a_right_clock(settings);
  // Only now, for from here on the service before has lost the log.
  if (opened_.is_elsewhere())
    tenure_ = std::make_unique<Tenure>(log(), this_service(), vault_.to_log);
  adopt_copy(settings);
  models_->start();
  start_deciding(settings, partitions);
}

Engine::~Engine() { stop(); }

/// The next owner of a partition on a cluster may be on another machine.
void Engine::make_what_travels(const Settings& settings) {
  auto side = event_log::KafkaSideTopics::open(kafka_beside(log(), settings));
  if (!side) throw std::runtime_error(side.error().message);
  side_ = std::move(*side);
  snapshots_ = std::make_unique<processor::SnapshotTopic>(side_->snapshots(), log_in_the_way);
  const auto partitions = all_partitions(log());
  for (std::size_t i = 0; i < keys_.size(); ++i)
    travelling_.push_back(std::make_unique<processor::TravellingKeys>(
        *keys_[i], side_->decided(), partitions[i], log().deployment(), log_in_the_way));
}

/// Commands come through a topic once other processes decide, and some may stand there.
void Engine::adopt_copy(const Settings& settings) {
  std::unique_ptr<event_log::KafkaCommandTopic> topic;
  const auto commands = [&](schema::Partition partition) {
    if (!topic) topic = or_throw(event_log::KafkaCommandTopic::open(kafka_beside(log(), settings)));
    return topic->source(partition);
  };
  const auto adopted = opened_.is_elsewhere()
                           ? processor::adopt_copy(log(), "kafka", wall_clock(), commands)
                           : processor::adopt_copy(log(), "embedded", wall_clock());
  if (!adopted) throw std::runtime_error(adopted.error());
}

/// What is written from now on has this host's time.
void Engine::demand_a_right_clock(const Settings& settings) {
  const event_log::KafkaSettings kafka = kafka_beside(log(), settings);
  auto signal = event_log::KafkaTimeSignal::open(kafka);
  if (!signal) throw std::runtime_error(signal.error().message);
  signal_ = std::move(*signal);
  if (const auto trouble = signal_->await_right_clock(kafka.read_timeout))
    throw std::runtime_error(*trouble);
}

void Engine::start_deciding(const Settings& settings,
                            const std::vector<std::vector<schema::Partition>>& partitions) {
  std::vector<processor::Shards::Shard> shards;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    processor::KeyMemory* keys = keys_[i].get();
    if (side_) keys = travelling_[i].get();
    processor::Surroundings surroundings{
        .log = log(), .keys = *keys, .snapshots = *snapshots_, .background = *background_};
    if (tenure_) surroundings.may_take_over = [this] { return tenure_->holds(); };
    if (signal_)
      surroundings.clock_trouble = [this](processor::Instant clock) {
        return signal_->trouble(clock);
      };
    if (side_) surroundings.on_taken_over = log_taken_over;
    surroundings.on_append_failed = log_append_failed;
    surroundings.on_take_over_failed = log_take_over_failed;
    shards.push_back({partitions[i], std::move(surroundings)});
  }
  deciding_ = std::make_unique<processor::Shards>(processor_settings(settings, opened_),
                                                  std::move(shards), wall_clock);
}

std::optional<std::string> Engine::key_trouble() const {
  for (const auto& keys : keys_)
    if (auto trouble = keys->trouble()) return trouble;
  return std::nullopt;
}

std::optional<std::string> Engine::log_trouble() const {
  return tenure_ ? tenure_->trouble() : std::nullopt;
}

std::optional<std::string> Engine::successor() const {
  return tenure_ ? tenure_->successor() : std::nullopt;
}

void Engine::stop() {
  if (stopped_ || !deciding_) return;
  stopped_ = true;
  if (tenure_) tenure_->begin_to_stop();
  deciding_->stop();
  // What could not be flushed is applied again at the next start.
  [[maybe_unused]] const auto flushed = models_->stop();
}

}  // namespace boxoffice::app
