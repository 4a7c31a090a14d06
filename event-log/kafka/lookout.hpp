#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "event-log/kafka/reader.hpp"
#include "event-log/kafka/standstill.hpp"

namespace boxoffice::event_log::kafka {

/// Asks once a second, on a thread of its own, where the lanes end that are watched; with one
/// request for all, over other connections than those that they are read by. Thread-safe.
class Lookout {
 public:
  /// The client must outlive it, and knows the topics: one that sees what is committed, where the
  /// lanes have transactions. The thread's name has at most 15 characters.
  Lookout(const Client& client, std::string thread);
  ~Lookout();

  /// What is told where its lane ends; the bell rings where its reader is behind that. Both must
  /// stay until `forget`.
  void watch(Lane lane, Standstill& standstill, Bell& bell);
  void forget(const Standstill& standstill);

  /// How long nobody has told where they end; 0 where that is no longer than usual, 3 s.
  std::chrono::milliseconds silence() const;

 private:
  struct Watched {
    Lane lane;
    Standstill* standstill;
    Bell* bell;
  };

  void run(const std::string& thread);
  /// False: no broker has told in time.
  bool look();
  void tell(const std::vector<Lane>& lanes, const std::vector<std::int64_t>& ends);

  const Client& client_;
  std::mutex mutex_;
  std::vector<Watched> watched_;  // guarded by mutex_
  std::atomic<Clock::time_point> told_at_ = Clock::now();
  Bell bell_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace boxoffice::event_log::kafka
