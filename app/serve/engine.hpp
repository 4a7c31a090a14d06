#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "app/settings/settings.hpp"
#include "commands/processor/background_thread.hpp"
#include "commands/processor/disk_keys.hpp"
#include "commands/processor/processor.hpp"
#include "commands/processor/processor_thread.hpp"
#include "commands/processor/snapshot_directory.hpp"
#include "event-log/log.hpp"
#include "projections/read_models.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::app {

/// All that decides and answers, without HTTP: the embedded log, the processor, the read models and
/// the vault on one data directory.
///
/// Members stand in the order in which they depend on each other, so destroying an engine stops it
/// from the top.
class Engine {
 public:
  /// Opens or makes the directory. Throws WrongSetting where a setting is at fault,
  /// std::runtime_error with a sentence for an operator otherwise (the directory is in use, of
  /// another version, damaged).
  explicit Engine(const Settings& settings);
  ~Engine();

  bool submit(processor::Submission&& submission) {
    return processor_->submit(std::move(submission));
  }
  const projections::Queries& queries() const { return *models_; }
  projections::ReadModels& models() { return *models_; }
  const processor::DiskKeys& keys() const { return *keys_; }
  processor::Processor& processor() { return *processor_; }
  event_log::Log& log() { return *log_; }
  const sealing::Vault& vault() const { return *vault_; }
  const std::filesystem::path& directory() const { return directory_; }

  /// Decides what has come in, answers it, and writes what makes the next start quick. Nothing is
  /// taken any more.
  void stop();

 private:
  std::filesystem::path directory_;
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<sealing::Vault> vault_;
  std::unique_ptr<projections::ReadModels> models_;
  std::unique_ptr<processor::BackgroundThread> background_;
  std::unique_ptr<processor::DiskKeys> keys_;
  std::unique_ptr<processor::SnapshotDirectory> snapshots_;
  std::unique_ptr<processor::Processor> processor_;
  std::unique_ptr<processor::ProcessorThread> deciding_;
};

/// The wall clock, in whole milliseconds.
schema::Instant wall_clock();

}  // namespace boxoffice::app
