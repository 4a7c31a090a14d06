#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "event-log/kafka/client.hpp"

namespace boxoffice::event_log::kafka {

/// Whether a topic is still the one that it was. librdkafka reads on in another one that was made
/// under its name, without a word, if that is as long. So the cluster is asked for the id once a
/// second, by the way: nobody waits for the answer. Thread-safe.
class TopicWatch {
 public:
  /// `id` is the topic's. `client` must outlive it.
  TopicWatch(const Client& client, std::string topic, std::string id);

  /// What a topic of that name has as its id, if it is another one as far as was heard. To be
  /// called often.
  std::optional<std::string> other_id();

 private:
  void ask();
  void hear();

  const Client& client_;
  const std::string topic_;
  const std::string id_;
  std::mutex mutex_;
  const Handle<rd_kafka_queue_s> answers_;
  bool is_asked_ = false;             // guarded by mutex_
  Deadline ask_at_{};                 // guarded by mutex_
  std::optional<std::string> other_;  // guarded by mutex_
};

}  // namespace boxoffice::event_log::kafka
