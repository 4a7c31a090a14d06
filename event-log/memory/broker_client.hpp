#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "event-log/memory/broker_log.hpp"

namespace boxoffice::event_log {

/// What became of a transaction, as far as who wrote it can know.
enum class BrokerFate {
  committed,
  lost,      ///< nothing of it will ever be visible
  fenced,    ///< as `lost`, because somebody else has taken over
  in_doubt,  ///< nobody knows; a take-over ends it one way or the other
};

/// A process's connection, with what it stands for: the requests of one process.
class BrokerClient {
 public:
  BrokerClient(std::shared_ptr<Broker> broker, Connection connection, Conduct conduct)
      : broker_(std::move(broker)), connection_(std::move(connection)), conduct_(conduct) {}

  /// nullopt: nobody said whether it was done.
  std::optional<Broker::Producer> fence(const std::string& id, Partition partition);
  /// Whether a broker can be read from.
  bool reaches(Partition partition) const;
  BrokerFate commit(const Broker::Producer& producer, const Batch& batch, Partition partition);

  const Broker& broker() const { return *broker_; }
  const Conduct& conduct() const { return conduct_; }

 private:
  Delivery deliver(Request request, Partition partition) const {
    return connection_ ? connection_(request, partition) : Delivery::arrives;
  }
  /// nullopt: the broker has it. `added`: the lanes of the transaction so far.
  std::optional<BrokerFate> produce(const Broker::Producer& producer, BrokerLane lane,
                                    BrokerRecord record, std::set<std::size_t>& added);
  BrokerFate end(const Broker::Producer& producer, Partition partition, Broker::End how);

  const std::shared_ptr<Broker> broker_;
  const Connection connection_;
  const Conduct conduct_;
};

/// The two producers of a partition's owner, which take turns: one's markers are still being
/// written while the other's transaction begins.
class BrokerTurns {
 public:
  static std::optional<BrokerTurns> fence(BrokerClient& client, Partition partition);

  const Broker::Producer& next() const { return producers_[turn_]; }
  void done() { turn_ = 1 - turn_; }

 private:
  std::array<Broker::Producer, 2> producers_;
  std::size_t turn_ = 0;
};

}  // namespace boxoffice::event_log
