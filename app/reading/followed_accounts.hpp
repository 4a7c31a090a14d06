#pragma once

#include <memory>
#include <optional>
#include <string>

#include "event-log/kafka/kafka_log.hpp"
#include "projections/keys/folded_accounts.hpp"

namespace boxoffice::app {

class FollowedAccounts : public projections::FoldedAccounts {
 public:
  using FoldedAccounts::FoldedAccounts;
  /// Why what is known may stay behind; nullopt: nothing is in the way.
  virtual std::optional<std::string> trouble() const = 0;
};

/// Who has which key, folded in memory from the topic `boxoffice.accounts` on Kafka, of all
/// partitions: for a process without read models. Until all that was there has been read, and
/// whenever no broker tells how far it goes, `lag` is long. The error is the log's.
event_log::Result<std::unique_ptr<FollowedAccounts>> follow_accounts(
    const event_log::KafkaSettings& settings);

}  // namespace boxoffice::app
