#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "event-log/memory/broker.hpp"
#include "event-log/memory/memory_commands.hpp"
#include "tests/simulation/historian.hpp"

namespace boxoffice::simulation {

/// Holds history to what stood on the topic of commands, and replies to history: each command that
/// was there has one outcome, and says where it came from; the reply was written with it, and says
/// the same; each record was replied to, or was deleted before, and history says so, once.
class TopicRules {
 public:
  TopicRules(event_log::MemoryCommands& commands, std::uint16_t partitions);

  /// Reads what has been sent. To be called before retention takes it.
  void read_commands();

  /// REQUIRES: all commands have been taken by who decides.
  void check(const Historian& historian, const event_log::Broker& broker) const;

 private:
  struct Sent {
    schema::CommandIdentity identity;
    std::string reply_to;
  };
  struct PartitionOfTopic {
    std::unique_ptr<event_log::CommandSource> source;
    std::vector<Sent> sent;  ///< by offset
  };
  /// The events that say what came of commands, by position.
  using Outcomes = std::map<schema::Position, const Sent*>;

  /// What history says of commands.
  struct Told {
    Outcomes outcomes;
    std::set<const Sent*> skipped;
  };

  void check_marks(const Historian& historian, schema::Partition partition, Told& told) const;
  void check_skip(const Recorded& event, std::optional<std::uint64_t> decided, Told& told) const;
  const Sent& check_mark(const Recorded& event) const;
  void check_outcomes(const Told& told) const;
  void check_records(const event_log::Broker& broker, const Told& told) const;
  void check_replies(const Historian& historian, const event_log::Broker& broker,
                     const Outcomes& outcomes) const;

  std::vector<PartitionOfTopic> partitions_;
};

}  // namespace boxoffice::simulation
