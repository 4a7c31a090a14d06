#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "event-log/kafka/kafka_log.hpp"
#include "event-log/kafka/properties.hpp"

// librdkafka's types, so that its header is included in source files only.
struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_message_s;
struct rd_kafka_error_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_partition_list_s;

namespace boxoffice::event_log::kafka {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

inline Deadline within(std::chrono::milliseconds timeout) { return Clock::now() + timeout; }
/// As librdkafka wants it: at least 1.
int milliseconds_until(Deadline deadline);

struct Destroy {
  void operator()(rd_kafka_s* client) const;
  void operator()(rd_kafka_topic_s* topic) const;
  void operator()(rd_kafka_message_s* message) const;
  void operator()(rd_kafka_error_s* error) const;
  void operator()(rd_kafka_queue_s* queue) const;
  void operator()(rd_kafka_topic_partition_list_s* list) const;
};
template <class T>
using Handle = std::unique_ptr<T, Destroy>;

std::unexpected<LogError> unavailable(std::string what);
std::unexpected<LogError> corrupt(std::string what);
std::unexpected<LogError> misconfigured(std::string what);

/// Sets what is no property; `conf` is librdkafka's `rd_kafka_conf_t`.
using Adapt = void (*)(void* conf, void* opaque);

/// One connection to the cluster, with librdkafka's threads behind it. Thread-safe.
class Client {
 public:
  /// `own` are properties of this client; see `configuration`.
  [[nodiscard]] static Result<std::unique_ptr<Client>> open(const KafkaSettings& settings,
                                                            Kind kind, const Properties& own = {},
                                                            Adapt adapt = nullptr,
                                                            void* opaque = nullptr);

  rd_kafka_s* get() const { return client_.get(); }
  /// The topics' handles, in the order of the names. Learns about them first: a first record to a
  /// topic that librdkafka does not know yet would wait for a second.
  [[nodiscard]] Result<void> know(const std::vector<std::string>& names, Deadline deadline);
  rd_kafka_topic_s* topic(std::size_t index) const { return topics_[index].get(); }
  const std::string& topic_name(std::size_t index) const { return names_[index]; }

  [[nodiscard]] Result<std::string> cluster_id(Deadline deadline) const;

  /// The `opaque` that `open` was given, for callbacks that librdkafka hands its client alone.
  static void* opaque_of(const rd_kafka_s* client);

  /// Ends librdkafka's threads, and with them whatever is under way.
  void close();

 private:
  Client() = default;
  friend struct Callbacks;

  std::function<void(int, std::string_view)> on_log_;
  void* opaque_ = nullptr;
  Handle<rd_kafka_s> client_;
  std::vector<Handle<rd_kafka_topic_s>> topics_;  // after the client: they go first
  std::vector<std::string> names_;
};

}  // namespace boxoffice::event_log::kafka
