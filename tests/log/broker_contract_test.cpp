#include "event-log/memory/broker_log.hpp"
#include "tests/log/contract.hpp"

namespace boxoffice::event_log::testing {

class BrokerAdapter {
 public:
  static constexpr bool kBatchesSpanPartitions = false;

  Log& log() { return *log_; }
  void reopen() { log_ = open_on_broker(broker_); }

 private:
  const std::shared_ptr<Broker> broker_ = std::make_shared<Broker>(std::uint16_t{4});
  std::unique_ptr<Log> log_ = open_on_broker(broker_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Broker, LogContract, BrokerAdapter);

}  // namespace boxoffice::event_log::testing
