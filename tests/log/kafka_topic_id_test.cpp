#include <gtest/gtest.h>

#include "event-log/kafka/topic_admin.hpp"

namespace boxoffice::event_log::kafka {
namespace {

// It stands on the log for ever, and operators look for it.
TEST(TopicId, IsWrittenAsByKafkasTools) {
  EXPECT_EQ(as_tools_write_it("ab+cd/efghijklmnopqrst"), "ab-cd_efghijklmnopqrst");
}

TEST(TopicId, IsNoneWhereThereAreZeros) {
  EXPECT_EQ(as_tools_write_it("AAAAAAAAAAAAAAAAAAAAAA"), "");
}

}  // namespace
}  // namespace boxoffice::event_log::kafka
