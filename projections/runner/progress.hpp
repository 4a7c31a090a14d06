#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "events-schema/values.hpp"

namespace boxoffice::projections {

/// How far all models are, and who waits for it. Thread-safe. Deadlines have a thread of their own,
/// so that they hold also when the models are stuck.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  using Then = std::function<void(bool reached)>;

  Progress(std::uint16_t partitions, std::size_t waiting_max);
  ~Progress();

  /// Whoever still waits is called with false, and so is whoever comes later. May be called again.
  void close();

  schema::Sequence applied(schema::Partition partition) const;
  bool reached(schema::Position position) const;

  /// For the runner: rows up to `position` are readable. Calls those back who waited for it.
  void advance(schema::Position position);
  /// Calls those back who waited for what was advanced to. Apart from `advance`, so that several
  /// partitions cost one round.
  void wake();

  /// Calls back once: as soon as every position is reached (true) or at `deadline` (false); at
  /// once, on the calling thread, if it is so already, and with false if too many wait. Returns
  /// whether that is still to come.
  bool when_reached(std::vector<schema::Position> positions, Clock::time_point deadline, Then then);

 private:
  struct Waiter {
    std::vector<schema::Position> missing;  // the last one is waited for
    Then then;
    std::multimap<Clock::time_point, std::shared_ptr<Waiter>>::iterator deadline;
  };
  using BySequence = std::multimap<schema::Sequence, std::shared_ptr<Waiter>>;

  /// Drops the positions that are reached; true if none is left.
  bool satisfied(Waiter& waiter) const;
  /// Where the waiter stands among those of its partition.
  void forget(const std::shared_ptr<Waiter>& waiter);
  void keep_deadlines();

  const std::size_t waiting_max_;
  std::vector<std::atomic<std::uint64_t>> applied_;
  std::atomic<std::size_t> waiting_ = 0;

  std::mutex mutex_;
  std::condition_variable deadlines_changed_;
  // guarded by mutex_:
  std::vector<BySequence> by_partition_;
  std::multimap<Clock::time_point, std::shared_ptr<Waiter>> by_deadline_;
  bool stopping_ = false;

  std::thread deadlines_;
};

}  // namespace boxoffice::projections
