// Commands on a real broker that deletes some before they are read.
#include <gtest/gtest.h>

#include <stdexcept>

#include "event-log/kafka/command_topic.hpp"
#include "tests/log/kafka_meddler.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {
namespace {

using boxoffice::testing::Broker;

constexpr Partition kPartition{1};

class KafkaCommands : public ::testing::Test {
 protected:
  /// The next record, whenever it comes.
  std::uint64_t next_offset() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
      const auto records = source_->read(1);
      if (!records) throw std::runtime_error(records.error().message);
      if (!records->empty()) return records->front().offset;
      source_->wait(end);
    }
    throw std::runtime_error("no record came");
  }

  /// Why it cannot be read, whatever comes before.
  LogError await_error() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
      if (const auto records = source_->read(1); !records) return records.error();
      source_->wait(std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
    }
    throw std::runtime_error("no error came");
  }

  const KafkaSettings settings_ = fresh_settings(Broker::shared());
  const std::unique_ptr<Log> log_ = opened(settings_);
  const std::string name_ = settings_.prefix + "boxoffice.commands";
  Meddler meddler_{settings_.bootstrap_servers};
  const std::unique_ptr<KafkaCommandTopic> topic_ = std::move(*KafkaCommandTopic::open(settings_));
  const std::unique_ptr<CommandSource> source_ = topic_->source(kPartition);
};

TEST_F(KafkaCommands, AreReadOnWhereTheTopicBeginsNow) {
  for (int i = 0; i < 4; ++i) meddler_.write(name_, kPartition.value, "a command");
  ASSERT_TRUE(source_->seek(0));
  EXPECT_EQ(next_offset(), 0u);
  meddler_.delete_before(name_, kPartition.value, 3);
  ASSERT_TRUE(source_->seek(1));
  EXPECT_EQ(await_error().kind, LogErrorKind::unavailable) << "it begins nowhere else by itself";
  const auto bounds = source_->bounds(std::chrono::seconds(30));
  ASSERT_TRUE(bounds);
  EXPECT_EQ(bounds->first, 3u);
  EXPECT_EQ(bounds->end, 4u);
  ASSERT_TRUE(source_->seek(3));
  EXPECT_EQ(next_offset(), 3u);
}

/// So far that librdkafka finds nothing to complain of.
TEST_F(KafkaCommands, AreNoLongerReadWhereTheTopicWasMadeAnew) {
  meddler_.write(name_, kPartition.value, "a command");
  ASSERT_TRUE(source_->seek(0));
  EXPECT_EQ(next_offset(), 0u);
  meddler_.delete_topic(name_);
  meddler_.make_topic(name_, settings_.partitions, {});
  for (int i = 0; i < 4; ++i) meddler_.write(name_, kPartition.value, "another command");
  while (await_error().kind != LogErrorKind::corrupt) ASSERT_TRUE(source_->seek(1));
  const auto bounds = source_->bounds(std::chrono::seconds(30));
  ASSERT_FALSE(bounds);
  EXPECT_EQ(bounds.error().kind, LogErrorKind::corrupt);
  const auto anew = std::move(*KafkaCommandTopic::open(settings_));
  EXPECT_NE(anew->source(kPartition)->log(), source_->log());
}

}  // namespace
}  // namespace boxoffice::event_log::testing
