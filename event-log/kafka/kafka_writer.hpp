#pragma once

#include "event-log/kafka/cluster.hpp"
#include "event-log/kafka/transactions.hpp"

namespace boxoffice::event_log::kafka {

/// The two producers of one partition. They take turns: while one's markers are being written, the
/// other's transaction begins.
class Turns {
 public:
  /// Fences both ids of whoever had the partition.
  ///
  /// Appends always begin with the first. So of two that take over at a time, only one can append:
  /// who came last to the first id. The other is fenced by its first append, whatever it has of the
  /// second.
  [[nodiscard]] static Result<Turns> fence(const KafkaSettings& settings, Partition partition,
                                           Deadline deadline);

  Transactions& next() { return *producers_[turn_]; }
  void done() { turn_ = 1 - turn_; }

 private:
  std::array<std::unique_ptr<Transactions>, 2> producers_;
  std::size_t turn_ = 0;
};

class KafkaWriter final : public Writer {
 public:
  /// Takes the partitions over. `cluster` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<KafkaWriter>> take_over(
      Cluster& cluster, std::span<const Partition> partitions);

  [[nodiscard]] Result<void> append(std::shared_ptr<const Batch> batch) override;

 private:
  struct Owned {
    Partition partition;
    Turns turns;
    Offsets tail{};  ///< behind the last record of each lane that was seen
  };

  explicit KafkaWriter(Cluster& cluster) : cluster_(cluster) {}

  void committed(Owned& owned, const Batch& batch, std::span<const std::int64_t> offsets);
  Result<void> failed(Owned& owned, const std::shared_ptr<const Batch>& batch,
                      const Outcome& outcome);

  Cluster& cluster_;
  std::vector<Partition> partitions_;
  std::vector<Sequence> ends_;  // by partition; of those that are not owned, any
  std::vector<Owned> owned_;
  std::string lost_;  // why no append can succeed any more; empty: one can
};

}  // namespace boxoffice::event_log::kafka
