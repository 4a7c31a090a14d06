#include "tests/log/contract.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {

class KafkaAdapter {
 public:
  static constexpr bool kBatchesSpanPartitions = false;

  Log& log() { return *log_; }
  void reopen() {
    log_.reset();
    log_ = opened(settings_);
  }

 private:
  const KafkaSettings settings_ = fresh_settings(boxoffice::testing::Broker::shared());
  std::unique_ptr<Log> log_ = opened(settings_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, LogContract, KafkaAdapter);

}  // namespace boxoffice::event_log::testing
