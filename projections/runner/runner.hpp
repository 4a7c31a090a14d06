#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "event-log/log.hpp"
#include "projections/runner/catch_up.hpp"
#include "projections/runner/fold.hpp"
#include "projections/runner/inbox.hpp"
#include "projections/runner/progress.hpp"

namespace boxoffice::projections {

/// Applies the log's events to the models, on one thread: as the log hands them over, and by
/// cursors at the start and where the inbox could not hold them. An error of the disk or of the log
/// stops it where it is until the error is gone, and then it goes on by itself; it never leaves
/// anything out.
///
/// It has a thread of its own (`start`), or none: then it is a step function of what has arrived
/// and of the log (`follow` and `step`).
class Runner {
 public:
  struct Settings {
    std::size_t inbox_events_max = 64u << 10;
    std::size_t inbox_bytes_max = 64u << 20;  ///< as on the log; with their typed twins twice that
    std::size_t chunk_events_max = kChunkEvents;
    std::chrono::milliseconds chunks_apart{10};  ///< unless somebody waits, or much has come
    std::chrono::milliseconds retry_after{500};  ///< also between looks at a log that is silent
  };

  /// `log`, `store` and the models in `fold` must outlive it.
  Runner(event_log::Log& log, Store& store, Fold fold, Progress& progress,
         const Settings& settings);
  ~Runner();

  /// REQUIRES: once, and not `follow`.
  void start();
  /// From now on the log hands over what is committed. REQUIRES: once, and not `start`.
  void follow();
  /// After `follow`: applies what has come, without waiting for more. False: `trouble` says what is
  /// in the way; the next step goes on with it.
  bool step();
  /// Instead: applies what the log has, on the calling thread. REQUIRES: never started.
  StoreResult<void> apply_all();
  /// Applies what the log has handed over, and ends. Nothing happens after it.
  void stop();

  /// The models have been where the log ended at opening.
  bool ready() const;
  /// How long the oldest event that is not applied has waited.
  std::chrono::milliseconds lag() const;
  /// What keeps it from going on; nullopt: nothing.
  std::optional<std::string> trouble() const;

  /// Somebody waits for what the log has handed over.
  void hurry() { inbox_.hurry(); }

  /// Runs `work` between two chunks, with the live models, and returns what it returned. Waits as
  /// long as the runner is in trouble. Not for the runner's own thread.
  using Work = std::function<StoreResult<void>(Fold& live)>;
  StoreResult<void> between_chunks(const Work& work);

 private:
  void run();
  /// Does the work, and keeps the batches; false: it is time to end.
  bool take(Inbox::Taken taken);
  /// Applies what was taken, and where something was missed, what the log has. After an error what
  /// is left of it is there for the next time.
  StoreResult<void> apply_taken();
  StoreResult<void> apply(const event_log::Batch& batch);
  /// Applies all that the log has.
  StoreResult<void> catch_up();
  StoreResult<void> commit();
  /// True: there is none.
  bool report(const StoreResult<void>& outcome);
  bool at_ends() const;

  event_log::Log& log_;
  Store& store_;
  Progress& progress_;
  const Settings settings_;
  const std::vector<schema::Sequence> ends_at_opening_;

  // the runner's own:
  Fold fold_;
  CatchUp cursors_;
  std::deque<std::shared_ptr<const event_log::Batch>> taken_;  // not all of which is applied
  bool behind_ = true;  // the log has what is not handed over

  Inbox inbox_;
  mutable std::atomic<bool> ready_ = false;
  mutable std::mutex mutex_;
  std::optional<std::string> trouble_;                            // guarded by mutex_
  mutable std::optional<Inbox::Clock::time_point> unseen_since_;  // guarded by mutex_
  std::shared_ptr<void> following_;
  std::mutex work_mutex_;
  std::thread thread_;  // guarded by work_mutex_
};

}  // namespace boxoffice::projections
