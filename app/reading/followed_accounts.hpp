#pragma once

#include <memory>

#include "event-log/kafka/kafka_log.hpp"
#include "projections/accounts.hpp"

namespace boxoffice::app {

/// Who has which key, folded in memory from the topic `boxoffice.accounts` on Kafka, of all
/// partitions: for a process without read models. Until all that was there has been read, and
/// whenever no broker tells how far it goes, `lag` is long. The error is the log's.
event_log::Result<std::unique_ptr<projections::Accounts>> follow_accounts(
    const event_log::KafkaSettings& settings);

}  // namespace boxoffice::app
