#pragma once

#include <array>
#include <deque>
#include <map>

#include "event-log/memory/broker.hpp"

namespace boxoffice::event_log {

/// A partition as a reader sees it: its lanes merged by sequence, and its keys. Not thread-safe.
class BrokerReader {
 public:
  BrokerReader(const Broker& broker, Partition partition, Broker::Isolation isolation)
      : broker_(broker), partition_(partition), isolation_(isolation) {}

  /// Reads what there is by now. The error: a sequence is missing or comes again.
  Result<void> read_on();

  Sequence end() const { return {events_.size()}; }
  /// REQUIRES: 0 < `sequence` <= `end`.
  StoredEvent at(Sequence sequence) const;
  const std::map<std::string, std::string, std::less<>>& keys() const { return keys_; }

 private:
  struct Event {
    Topic topic{};
    const BrokerRecord* record = nullptr;
  };

  bool take_next();
  void read_keys();
  bool is_all_read() const;

  const Broker& broker_;
  const Partition partition_;
  const Broker::Isolation isolation_;
  std::array<std::uint64_t, kBrokerLanes> next_{};  ///< offsets
  std::array<std::deque<const BrokerRecord*>, schema::kTopics> waiting_;
  std::deque<Event> events_;
  std::map<std::string, std::string, std::less<>> keys_;
};

}  // namespace boxoffice::event_log
