#pragma once

#include <atomic>
#include <functional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>

#include "event-log/kafka/client.hpp"

namespace boxoffice::event_log::kafka {

/// A producer without transactions, which writes each record once. Where librdkafka has given it up
/// for good (its fatal errors), it is made anew. Thread-safe.
class IdempotentProducer {
 public:
  struct Making {
    std::string thread;     ///< as the system shows it, at most 15 characters
    Properties properties;  ///< besides the idempotence
    /// Hears of each record that `use` handed over, once. `of` is the one below.
    void (*delivered)(const rd_kafka_message_s& record, void* of);
    void* of = nullptr;
    /// Is called on the thread, several times a second. Empty: nothing is.
    std::function<void(const IdempotentProducer&)> meanwhile = {};
  };

  /// What `making` refers to must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<IdempotentProducer>> open(
      const KafkaSettings& settings, Making making);
  /// What is still under way is told as given up.
  ~IdempotentProducer();

  /// Calls `produce` with the client of the moment, which must not be kept.
  template <class Produce>
  auto use(Produce produce) const {
    const std::shared_lock lock(mutex_);
    return produce(std::as_const(*client_));
  }

  /// Why nothing can be sent until it has been made anew; nullopt: it can.
  std::optional<std::string> fatal_error() const;

 private:
  IdempotentProducer(const KafkaSettings& settings, Making making);
  [[nodiscard]] Result<std::unique_ptr<Client>> made() const;
  void run();
  void make_anew();

  const KafkaSettings settings_;
  const Making making_;
  mutable std::shared_mutex mutex_;
  std::unique_ptr<Client> client_;  // guarded by mutex_; changed by the thread alone
  Deadline anew_at_{};              ///< not before
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace boxoffice::event_log::kafka
