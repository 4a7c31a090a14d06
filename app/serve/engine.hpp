#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "app/serve/opened_log.hpp"
#include "app/serve/opened_vault.hpp"
#include "app/serve/tenure.hpp"
#include "app/settings/settings.hpp"
#include "commands/processor/background_thread.hpp"
#include "commands/processor/disk_keys.hpp"
#include "commands/processor/shards.hpp"
#include "commands/processor/snapshot.hpp"
#include "commands/processor/travelling_keys.hpp"
#include "event-log/kafka/side_topics.hpp"
#include "event-log/kafka/time_signal.hpp"
#include "event-log/log.hpp"
#include "projections/desk/local_desk.hpp"
#include "projections/read_models.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::app {

/// All that decides and answers, without HTTP: the log, embedded or on Kafka, the processors, and
/// the read models and the vault on one data directory.
///
/// Members stand in the order in which they depend on each other, so destroying an engine stops it
/// from the top.
class Engine {
 public:
  /// Opens or makes the directory, and on Kafka claims the log. Throws WrongSetting where a setting
  /// is at fault, std::runtime_error with a sentence for an operator otherwise (the directory is in
  /// use, of another version, damaged; the clock is not the brokers').
  explicit Engine(const Settings& settings);
  ~Engine();

  bool submit(processor::Submission&& submission) {
    return deciding_->submit(std::move(submission));
  }
  const projections::Queries& queries() const { return *models_; }
  projections::Desk& desk() { return *desk_; }
  projections::ReadModels& models() { return *models_; }
  const processor::Shards& deciding() const { return *deciding_; }
  event_log::Log& log() { return *opened_.log; }
  const sealing::Vault& vault() const { return *vault_.vault; }
  const std::filesystem::path& directory() const { return directory_; }

  /// Whether the log lies in the data directory.
  bool has_log_in_directory() const { return !opened_.is_elsewhere(); }

  /// What keeps idempotency keys from being saved; nullopt: nothing.
  std::optional<std::string> key_trouble() const;
  /// Why the log could not be asked lately; nullopt: it could.
  std::optional<std::string> log_trouble() const;
  /// The brokers' time; null: the log is on none.
  const event_log::BrokersTime* brokers_time() const {
    return signal_ ? &signal_->time() : nullptr;
  }
  /// Another service that has taken over the log, for good; nullopt: none has, as far as was seen.
  std::optional<std::string> successor() const;

  /// Decides what has come in, answers it, and writes what makes the next start quick. Nothing is
  /// taken any more.
  void stop();

 private:
  void make_what_travels(const Settings& settings);
  void demand_a_right_clock(const Settings& settings);
  void adopt_copy(const Settings& settings);
  void start_deciding(const Settings& settings,
                      const std::vector<std::vector<schema::Partition>>& partitions);

  std::filesystem::path directory_;
  OpenedLog opened_;
  OpenedVault vault_;
  std::unique_ptr<projections::ReadModels> models_;
  std::unique_ptr<projections::LocalDesk> desk_;
  std::unique_ptr<processor::BackgroundThread> background_;
  std::unique_ptr<event_log::KafkaSideTopics> side_;        ///< null: nothing need travel
  std::vector<std::unique_ptr<processor::DiskKeys>> keys_;  ///< one for each shard
  std::vector<std::unique_ptr<processor::TravellingKeys>> travelling_;  ///< as many, or none
  std::unique_ptr<processor::SnapshotStore> snapshots_;
  std::unique_ptr<event_log::KafkaTimeSignal> signal_;  ///< null: there is no clock but this host's
  std::unique_ptr<Tenure> tenure_;                      ///< null: nobody else can have the log
  std::unique_ptr<processor::Shards> deciding_;
  bool stopped_ = false;
};

/// The wall clock, in whole milliseconds.
schema::Instant wall_clock();

}  // namespace boxoffice::app
