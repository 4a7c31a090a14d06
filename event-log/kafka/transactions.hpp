#pragma once

#include <atomic>

#include "event-log/kafka/client.hpp"
#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log::kafka {

/// What became of a transaction.
enum class Fate {
  committed,
  lost,      ///< nothing of it will ever be visible
  fenced,    ///< as `lost`, because somebody else has taken over
  in_doubt,  ///< nobody knows; a take-over ends it one way or the other
};

struct Outcome {
  Fate fate;
  std::string why;  ///< for an operator; empty if committed
};

/// A transactional producer. Not thread-safe.
class Transactions {
 public:
  /// Fences whoever had this id, and aborts what it left open.
  [[nodiscard]] static Result<std::unique_ptr<Transactions>> fence(const KafkaSettings& settings,
                                                                   const std::string& id,
                                                                   Deadline deadline);

  /// Writes the batch to the partition in one transaction. `offsets` gets where each of its events
  /// lies, if committed. After any other fate, drop this: a refused record leaves a gap
  /// in the producer's numbers, and there is one way of recovery.
  [[nodiscard]] Outcome commit(const Batch& batch, Partition partition,
                               std::vector<std::int64_t>& offsets);
  /// One record of keys, without events.
  [[nodiscard]] Outcome commit_key(Partition partition, std::string_view name,
                                   std::string_view value);

 private:
  friend struct Intercept;

  Transactions(std::unique_ptr<std::atomic<int>> ends_sent, std::unique_ptr<Client> client,
               std::chrono::milliseconds timeout, std::chrono::milliseconds socket_timeout)
      : ends_sent_(std::move(ends_sent)),
        client_(std::move(client)),
        timeout_(timeout),
        socket_timeout_(socket_timeout) {}

  [[nodiscard]] std::optional<std::string> produce(std::size_t lane, Partition partition,
                                                   std::string_view key,
                                                   const std::string_view* value, std::int64_t time,
                                                   std::int64_t* offset, Deadline deadline);
  [[nodiscard]] Outcome finish(Deadline deadline, Clock::time_point begun);
  [[nodiscard]] Outcome abort(std::string why);
  [[nodiscard]] Outcome give_up(std::string why, bool is_fenced);

  /// How many requests to end the transaction (EndTxn) have been sent. librdkafka sends one again
  /// after a lost answer; a late one may end the id's next transaction.
  const std::unique_ptr<std::atomic<int>> ends_sent_;  // before the client, whose threads count
  std::unique_ptr<Client> client_;
  const std::chrono::milliseconds timeout_;
  const std::chrono::milliseconds socket_timeout_;
};

}  // namespace boxoffice::event_log::kafka
