#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "event-log/memory/broker.hpp"
#include "event-log/memory/memory_commands.hpp"
#include "tests/simulation/historian.hpp"

namespace boxoffice::simulation {

/// Holds history to what stood on the topic of commands, and replies to history: each command that
/// was there has one outcome, and says where it came from; the reply was written with it, and
/// says the same.
class TopicRules {
 public:
  TopicRules(event_log::MemoryCommands& commands, std::uint16_t partitions);

  /// Reads what has been sent. To be called before retention takes it.
  void read_commands();
  /// Commands that nobody will decide.
  void pass_over(schema::Partition partition, std::uint64_t from, std::uint64_t to);

  /// REQUIRES: all commands have been taken by who decides.
  void check(const Historian& historian, const event_log::Broker& broker) const;

 private:
  struct Sent {
    schema::CommandIdentity identity;
    std::string reply_to;
    bool is_passed_over = false;
  };
  struct PartitionOfTopic {
    std::unique_ptr<event_log::CommandSource> source;
    std::vector<Sent> sent;  ///< by offset
  };
  /// The events that say what came of commands, by position.
  using Outcomes = std::map<schema::Position, const Sent*>;

  void check_marks(const Historian& historian, schema::Partition partition,
                   Outcomes& outcomes) const;
  const Sent& check_mark(const Recorded& event) const;
  void check_outcomes(const Outcomes& outcomes) const;
  void check_replies(const Historian& historian, const event_log::Broker& broker,
                     const Outcomes& outcomes) const;

  std::vector<PartitionOfTopic> partitions_;
};

}  // namespace boxoffice::simulation
