#include "event-log/kafka/side_topics.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"
#include "tests/log/side_topic_contract.hpp"

namespace boxoffice::event_log::testing {
namespace {

std::unique_ptr<KafkaSideTopics> opened_side(const KafkaSettings& settings) {
  auto topics = KafkaSideTopics::open(settings);
  if (!topics) throw std::runtime_error(topics.error().message);
  return std::move(*topics);
}

/// A deployment whose topics are there.
class SideTopicsOfATest {
 public:
  SideTopicsOfATest() { reopen(); }
  void reopen() {
    topics_.reset();
    topics_ = opened_side(settings_);
  }
  KafkaSideTopics& topics() { return *topics_; }

 private:
  const KafkaSettings settings_ = [] {
    KafkaSettings settings = fresh_settings(boxoffice::testing::Broker::shared());
    settings.read_timeout = std::chrono::minutes(1);
    return settings;
  }();
  const std::unique_ptr<Log> log_ = opened(settings_);
  std::unique_ptr<KafkaSideTopics> topics_;
};

}  // namespace

class KafkaSnapshotsAdapter : public SideTopicsOfATest {
 public:
  SideTopic& topic() { return topics().snapshots(); }
};
class KafkaDecidedAdapter : public SideTopicsOfATest {
 public:
  SideTopic& topic() { return topics().decided(); }
};

using Adapters = ::testing::Types<KafkaSnapshotsAdapter, KafkaDecidedAdapter>;
INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, SideTopicContract, Adapters);

}  // namespace boxoffice::event_log::testing
