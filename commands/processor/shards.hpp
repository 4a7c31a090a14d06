#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commands/processor/processor_thread.hpp"

namespace boxoffice::processor {

/// All partitions of a log, each decided by one of several processors, each on a thread of its own:
/// one for all partitions where they commit together, one for each where they commit apart.
///
/// A command's key and its subject name the same partition (docs/decisions/0002), so processors
/// need not know of each other.
class Shards {
 public:
  struct Shard {
    std::vector<schema::Partition> partitions;
    Surroundings surroundings;
  };

  /// REQUIRES: the shards' partitions are the log's, each of them once.
  Shards(const Settings& settings, std::vector<Shard> shards, const ProcessorThread::Clock& clock);
  ~Shards();

  /// As of the processor that the subject's partition belongs to.
  bool submit(Submission&& submission);

  /// Ready if all are. The reason names partitions where they do not all have one processor.
  Processor::Status status() const;
  Stats stats() const;

  /// What `ProcessorThread::stop` does, all of them beside each other.
  void stop();

 private:
  struct Deciding {
    std::string partitions;  ///< in words; empty: all
    std::unique_ptr<Processor> processor;
    std::unique_ptr<ProcessorThread> thread;
  };
  std::vector<Deciding> shards_;
  std::vector<std::size_t> shard_of_;  ///< by partition
};

}  // namespace boxoffice::processor
