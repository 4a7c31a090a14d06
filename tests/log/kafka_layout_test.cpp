// How topics are laid out over brokers: what a first start makes, and what is refused later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "event-log/kafka/topic_admin.hpp"
#include "event-log/kafka/topics.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {
namespace {

using kafka::within;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The settings that a first start finds, where so many brokers answer, and what it tells.
class FirstStart {
 public:
  explicit FirstStart(int brokers)
      : host_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(host_, brokers)) {}
  ~FirstStart() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(host_);
  }

  KafkaSettings finds(KafkaSettings settings) {
    settings.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_);
    const auto client = kafka::Client::open(settings, kafka::Kind::observer);
    settings.on_log = [this](int level, std::string_view line) {
      if (level <= 4) told.emplace_back(line);
    };
    auto whole = kafka::with_layout(settings, **client, within(std::chrono::seconds(20)));
    if (!whole) throw std::runtime_error(whole.error().message);
    return std::move(*whole);
  }

  std::vector<std::string> told;

 private:
  rd_kafka_t* host_;
  rd_kafka_mock_cluster_t* cluster_;
};

TEST(KafkaLayout, OfThreeBrokersSurvivesTheLossOfOne) {
  FirstStart start(3);
  const KafkaSettings found = start.finds({});
  EXPECT_EQ(found.replication_factor, 3);
  EXPECT_EQ(found.min_insync_replicas, 2);
  EXPECT_THAT(start.told, IsEmpty());
}

TEST(KafkaLayout, IsWarnedOfWhereOneReplicaIsEnough) {
  for (const int brokers : {1, 2}) {
    FirstStart start(brokers);
    const KafkaSettings found = start.finds({});
    EXPECT_EQ(found.replication_factor, brokers);
    EXPECT_EQ(found.min_insync_replicas, 1);
    EXPECT_THAT(start.told, Contains(AllOf(HasSubstr("kafka-replication-factor"),
                                           HasSubstr("kafka-min-insync-replicas"))))
        << brokers;
  }
}

TEST(KafkaLayout, IsAsTheSettingsSayWhateverBrokersAnswer) {
  FirstStart start(2);
  const KafkaSettings found = start.finds({.replication_factor = 3, .min_insync_replicas = 2});
  EXPECT_EQ(found.replication_factor, 3);
  EXPECT_EQ(found.min_insync_replicas, 2);
  EXPECT_THAT(start.told, IsEmpty());
}

TEST(KafkaLayout, HasAsManyReplicasAsThePartitionWithFewest) {
  EXPECT_EQ(kafka::fewest({}), 0);
  EXPECT_EQ(kafka::fewest({{1, 2, 3}, {2, 3, 1}}), 3);
  EXPECT_EQ(kafka::fewest({{1, 2, 3}, {2, 3, 1}, {3, 1}}), 2) << "as a reassignment may leave them";
}

TEST(KafkaLayout, IsRefusedWhereReplicasAreFewerThanTheSettingsSay) {
  KafkaSettings settings = fresh_settings(boxoffice::testing::Broker::shared());
  (void)opened(settings);
  settings.replication_factor = 2;
  const auto log = open_kafka(settings);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, LogErrorKind::wrong_format);
  EXPECT_THAT(log.error().message,
              AllOf(HasSubstr(settings.prefix + "boxoffice."),
                    HasSubstr("has replication factor 1 instead of 2"), HasSubstr("and 1 answer")));
}

TEST(KafkaLayout, ThatNoBrokersAreThereForYetMayComeLater) {
  KafkaSettings settings = fresh_settings(boxoffice::testing::Broker::shared());
  settings.replication_factor = 3;
  const auto log = open_kafka(settings);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, LogErrorKind::unavailable) << log.error().message;
  EXPECT_THAT(log.error().message, HasSubstr("cannot be made"));
}

}  // namespace
}  // namespace boxoffice::event_log::testing
