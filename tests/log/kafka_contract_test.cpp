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
  const TemporaryDirectory directory_;

  /// Patient: beside a build a broker may take its time, and these tests are not about that.
  KafkaSettings settings() const {
    KafkaSettings settings = fresh_settings(boxoffice::testing::Broker::shared());
    settings.take_over_timeout = std::chrono::minutes(2);
    settings.read_timeout = std::chrono::minutes(2);
    settings.key_places = directory_.path() / "key-places";
    return settings;
  }

  const KafkaSettings settings_ = settings();
  std::unique_ptr<Log> log_ = opened(settings_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, LogContract, KafkaAdapter);

}  // namespace boxoffice::event_log::testing
