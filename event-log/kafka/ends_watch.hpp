#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <vector>

#include "event-log/kafka/ends.hpp"

namespace boxoffice::event_log::kafka {

/// How old what a follower has read may be: it looks where its lanes end, and notes when they were
/// read to there. `look` is for the follower's thread, `age` for all.
class EndsWatch {
 public:
  /// `ends` must outlive it.
  EndsWatch(const Ends& ends, std::vector<Lane> lanes) : ends_(ends), lanes_(std::move(lanes)) {}

  /// Whether all before `offset` of the lane, by its index, was read.
  using HasRead = std::function<bool(std::size_t index, std::int64_t offset)>;
  /// Asks a broker, if it is time to.
  void look(const HasRead& has_read);

  /// Zero while looks end well in time.
  std::chrono::milliseconds age() const;
  /// Whether one ever did.
  bool was_current() const { return was_current_; }

 private:
  struct Seen {
    Clock::time_point at;
    std::vector<std::int64_t> offsets;
  };

  const Ends& ends_;
  const std::vector<Lane> lanes_;
  std::optional<Seen> seen_;  // not read to yet
  Clock::time_point next_look_{};
  std::atomic<Clock::time_point> current_at_ = Clock::now();
  std::atomic<bool> was_current_ = false;
};

}  // namespace boxoffice::event_log::kafka
