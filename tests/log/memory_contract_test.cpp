#include "event-log/memory/memory_log.hpp"
#include "tests/log/contract.hpp"

namespace boxoffice::event_log::testing {

class MemoryAdapter {
 public:
  static constexpr bool kBatchesSpanPartitions = true;

  Log& log() { return *log_; }
  void reopen() { log_ = open_memory(store_); }

 private:
  const std::shared_ptr<MemoryStore> store_ = make_memory_store(4);
  std::unique_ptr<Log> log_ = open_memory(store_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LogContract, MemoryAdapter);

}  // namespace boxoffice::event_log::testing
