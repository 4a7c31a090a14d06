#include "event-log/kafka/topic_watch.hpp"

#include <librdkafka/rdkafka.h>

#include "event-log/kafka/topic_admin.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::seconds kAskEvery{1};
constexpr std::chrono::seconds kAnswerIn{10};

struct DestroyEvent {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};

}  // namespace

TopicWatch::TopicWatch(const Client& client, std::string topic, std::string id)
    : client_(client),
      topic_(std::move(topic)),
      id_(std::move(id)),
      answers_(rd_kafka_queue_new(client.get())) {}

std::optional<std::string> TopicWatch::other_id() {
  const std::scoped_lock lock(mutex_);
  if (is_asked_)
    hear();
  else if (Clock::now() >= ask_at_)
    ask();
  return other_;
}

void TopicWatch::ask() {
  ask_for_id(client_, topic_, *answers_, within(kAnswerIn));
  is_asked_ = true;
}

/// Where no broker answers, or there is no topic for the moment, it is asked again.
void TopicWatch::hear() {
  const std::unique_ptr<rd_kafka_event_t, DestroyEvent> answer(
      rd_kafka_queue_poll(answers_.get(), 0));
  if (!answer) return;
  is_asked_ = false;
  ask_at_ = within(kAskEvery);
  auto id = id_in(*answer);
  if (id && !id->empty() && !id_.empty() && *id != id_) other_ = std::move(*id);
}

}  // namespace boxoffice::event_log::kafka
