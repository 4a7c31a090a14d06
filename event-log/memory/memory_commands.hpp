#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "event-log/command_topic.hpp"

namespace boxoffice::event_log {

/// The topics of commands and replies in memory, for tests and the simulator. Thread-safe.
class MemoryCommands final : public CommandPost {
 public:
  struct Faults {
    /// Asked at each sending: whether its acknowledgement gets lost. The record is there.
    std::function<bool()> loses_acknowledgement;
    /// Likewise: the record is not there, either.
    std::function<bool()> loses_record;
    /// Whether its sender, who did not hear in time that it is there, has put it there once more.
    std::function<bool()> doubles_record;
    std::function<bool()> read_fails;
  };

  MemoryCommands(std::uint16_t partitions, std::string log, Faults faults = {});

  bool send(Partition partition, std::string_view key, std::string_view value, Sent& sent) override;

  /// The topic must outlive it.
  std::unique_ptr<CommandSource> source(Partition partition);

  /// As retention does.
  void forget_before(Partition partition, std::uint64_t offset);
  /// As nothing should.
  void cut_at(Partition partition, std::uint64_t offset);
  /// Deletes it, and makes another of the same name.
  void make_anew();

 private:
  class Source;
  struct Records {
    std::uint64_t first = 0;
    std::vector<std::string> values;
    std::uint64_t end() const { return first + values.size(); }
  };

  const std::string log_;
  const Faults faults_;
  std::mutex mutex_;
  std::vector<Records> partitions_;  // guarded by mutex_
  int made_ = 1;                     // how often; guarded by mutex_
};

}  // namespace boxoffice::event_log
