#include "event-log/memory/memory_side_topic.hpp"

#include "tests/log/side_topic_contract.hpp"

namespace boxoffice::event_log::testing {

class MemorySideTopicAdapter {
 public:
  SideTopic& topic() { return topic_; }
  void reopen() {}

 private:
  MemorySideTopic topic_{4};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, SideTopicContract, MemorySideTopicAdapter);

}  // namespace boxoffice::event_log::testing
