#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "projections/queries.hpp"
#include "projections/runner/partition_lag.hpp"
#include "projections/runner/rebuild.hpp"

/// All read models of a process: what the gateway asks, what the tools rebuild and compare.
namespace boxoffice::projections {

struct ReadModelsSettings {
  StoreSettings store;
  Runner::Settings runner;
  std::size_t waiting_max = 10'000;  ///< of `when_reached`
};

class ReadModels : public Queries {
 public:
  /// Opens or makes the read models in `directory` (the data directory's `projections`). Answers
  /// queries from then on, from what was applied earlier. `log` must outlive it.
  [[nodiscard]] static StoreResult<std::unique_ptr<ReadModels>> open(
      const std::filesystem::path& directory, event_log::Log& log,
      const ReadModelsSettings& settings = {});
  /// Without `stop` before it: what was not flushed is applied again after the next opening, as
  /// after a crash.
  ~ReadModels() override;

  /// Applies what the log has, and then what comes, on a thread of its own. REQUIRES: once.
  void start();
  /// Instead, for the simulator: the same without a thread, whenever `step` is called. That waits
  /// for nothing; false: `trouble` says what is in the way, and the next step goes on with it.
  void follow();
  bool step();
  /// Applies what has come, ends, and flushes, so that the next start has nothing to apply again.
  /// Queries are still answered.
  StoreResult<void> stop();

  /// Whether the models have been where the log ended when they were opened.
  bool ready() const;
  /// What keeps the models from going on, for an operator; nullopt: nothing does.
  std::optional<std::string> trouble() const;

  std::vector<std::string> models() const;
  /// Makes a model again from the log, beside the live one, which is read and goes on; swaps it in
  /// if asked to. Works also where `start` was not called: then up to where the live one is. Not
  /// for the models' own threads. Not more than one at a time.
  /// `stop` ends it early, with an error.
  StoreResult<RebuildReport> rebuild(std::string_view model, bool swap, std::stop_token stop = {});
  /// Makes a model again, and compares it with the live one at the same positions.
  StoreResult<DiffReport> diff(std::string_view model, std::stop_token stop = {});
  /// Without a thread: applies what the log has up to now. For tools. REQUIRES: not started.
  StoreResult<void> apply_all();

  std::shared_ptr<const OccasionView> occasion(const schema::OccasionId& id) const override;
  QueryResult<Page<std::shared_ptr<const OccasionView>>> occasions(
      std::span<const schema::OccasionState> states, std::string_view after,
      std::size_t limit) const override;
  std::shared_ptr<const AvailabilityView> availability(const schema::OccasionId& id) const override;
  QueryResult<std::optional<ClaimView>> claim(const schema::OccasionId& occasion,
                                              const schema::ClaimId& id) const override;
  std::shared_ptr<const KeyView> key(const schema::KeyId& id) const override;
  QueryResult<Page<std::shared_ptr<const KeyView>>> keys(std::string_view after,
                                                         std::size_t limit) const override;
  QueryResult<Page<AuditItem>> audit(const AuditFilter& filter, std::string_view after,
                                     std::size_t limit) const override;
  QueryResult<std::optional<std::string>> wrapped_key(Partition partition,
                                                      std::string_view name) const override;
  bool reached(Position position) const override;
  Sequence applied(Partition partition) const;
  void when_reached(std::vector<Position> positions, std::chrono::steady_clock::time_point deadline,
                    std::function<void(bool)> then) const override;
  std::chrono::milliseconds lag() const override;
  /// By the log: reads an event of a partition that is behind.
  PartitionLag lag_of(schema::Partition partition, schema::Instant now) const;

 private:
  struct Impl;
  explicit ReadModels(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::projections
