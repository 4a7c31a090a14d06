// What is said of topics that are not as they must be, and that it mends them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "event-log/kafka/lanes.hpp"
#include "event-log/kafka/topic_differences.hpp"
#include "event-log/kafka/topic_rules.hpp"
#include "tests/log/kafka_meddler.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::event_log::testing {
namespace {

using kafka::FoundTopic;
using kafka::FoundTopics;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const KafkaSettings kSettings{.bootstrap_servers = "one:9092",
                              .prefix = "a-",
                              .partitions = 2,
                              .replication_factor = 2,
                              .min_insync_replicas = 1};

class TopicDifferences : public ::testing::Test {
 protected:
  TopicDifferences() {
    for (std::size_t lane = 0; lane < kafka::kLanes; ++lane)
      found_.topics.push_back(FoundTopic{.replicas{{1, 2}, {2, 3}},
                                         .properties = kafka::properties_of(lane, kSettings)});
  }
  std::vector<std::string> told(bool are_partitions_given = true) const {
    return kafka::differences(kSettings, are_partitions_given, found_);
  }

  FoundTopics found_{.brokers = {1, 2, 3}, .topics = {}};
};

TEST_F(TopicDifferences, AreNoneWhereAllIsAsItMustBe) {
  EXPECT_THAT(told(), IsEmpty());
  found_.topics[kafka::kDecidedLane]->properties["retention.ms"] = "-1";
  EXPECT_THAT(told(), IsEmpty()) << "longer does no harm";
}

TEST_F(TopicDifferences, AreToldAllAtOnce) {
  found_.topics[0].reset();
  found_.topics[1]->properties["retention.ms"] = "1000";
  found_.topics[1]->properties["cleanup.policy"] = "compact";
  found_.topics[3]->replicas = {{1, 2}, {3}};
  found_.topics[4].reset();
  EXPECT_THAT(
      told(),
      ElementsAre(AllOf(HasSubstr("there is no topic a-boxoffice."),
                        HasSubstr("kafka-topics.sh --bootstrap-server one:9092 --create --topic ")),
                  AllOf(HasSubstr("has cleanup.policy=compact instead of delete, "
                                  "retention.ms=1000 instead of -1"),
                        HasSubstr("kafka-configs.sh --bootstrap-server one:9092 "),
                        HasSubstr("--add-config cleanup.policy=delete,retention.ms=-1")),
                  AllOf(HasSubstr("has replication factor 1 instead of 2"),
                        HasSubstr("kafka-reassign-partitions.sh --bootstrap-server one:9092 "),
                        HasSubstr(R"("partition":0,"replicas":[1,2]},)"),
                        HasSubstr(R"("partition":1,"replicas":[3,2]}]})")),
                  HasSubstr("there is no topic a-boxoffice.")));
}

TEST_F(TopicDifferences, OfASettingAreItsOwnerToMend) {
  for (auto& topic : found_.topics) topic->replicas.push_back({3, 1});
  found_.topics[5].reset();
  EXPECT_THAT(told(), ElementsAre(HasSubstr("the topics have 3 partitions, and the setting "
                                            "partitions says 2; a deployment's number never")));
}

TEST_F(TopicDifferences, BetweenTopicsNameTheirNumbersOfPartitions) {
  found_.topics[1]->replicas = {{1, 2}};
  found_.topics[2]->replicas.push_back({3, 1});
  EXPECT_THAT(told(),
              ElementsAre(AllOf(HasSubstr("has 1 partitions instead of 2; add those"),
                                HasSubstr("kafka-topics.sh --bootstrap-server one:9092 --alter "),
                                HasSubstr(" --partitions 2")),
                          HasSubstr("has 3 partitions instead of 2; none can be taken away")));
  for (const std::string& line : told(false))
    EXPECT_THAT(line, AllOf(HasSubstr("instead of 2, which another one has"),
                            HasSubstr("say in the setting partitions which is right")));
}

TEST_F(TopicDifferences, OfMostTopicsAreNoReasonToAddPartitions) {
  for (std::size_t lane = 1; lane < kafka::kLanes; ++lane) found_.topics[lane]->replicas = {{1, 2}};
  EXPECT_THAT(told(), AllOf(SizeIs(kafka::kLanes - 1), Each(HasSubstr("is the setting")),
                            Each(Not(HasSubstr("--alter")))));
}

TEST_F(TopicDifferences, OfTooFewBrokersAreNotForACommandToMend) {
  found_.brokers = {1};
  found_.topics[1]->replicas = {{1}, {1}};
  EXPECT_THAT(told(), ElementsAre(AllOf(HasSubstr("which takes as many brokers, and 1 answer"),
                                        HasSubstr("kafka-replication-factor"))));
}

TEST_F(TopicDifferences, AreBounded) {
  for (auto& topic : found_.topics) {
    topic->replicas.assign(500, {1});
    topic->properties["min.insync.replicas"] = "2";
  }
  const auto lines = told();
  std::size_t bytes = 0;
  for (const std::string& line : lines) bytes += line.size();
  EXPECT_LT(bytes, 64u << 10);
  EXPECT_THAT(lines.back(), HasSubstr(" more, told when these are mended"));
}

/// As an operator at a shell would.
void run(const std::string& commands) {
  const TemporaryDirectory directory;
  const std::filesystem::path script = directory.path() / "commands";
  std::ofstream(script) << commands;
  const std::string bash = "PATH=" BOXOFFICE_KAFKA_TOOLS ":$PATH bash -e " + script.string();
  EXPECT_EQ(std::system((bash + " > /dev/null").c_str()), 0) << commands;
}

/// Of Kafka's tools, in the lines of an error.
std::string commands_in(const std::string& told) {
  std::string commands;
  std::istringstream lines(told);
  for (std::string line; std::getline(lines, line);)
    if (const auto begin = line.find(": kafka-"); begin != std::string::npos)
      commands += line.substr(begin + 2) + "\n";
  return commands;
}

TEST(KafkaTopicsOnThreeBrokers, AreMendedByTheVeryCommandsThatTheyAreRefusedWith) {
  boxoffice::testing::Broker brokers(3);
  KafkaSettings settings = fresh_settings(brokers);
  settings.partitions = 2;
  settings.replication_factor = 3;
  settings.min_insync_replicas = 2;
  (void)opened(settings);
  Meddler meddler(brokers.bootstrap_servers());
  meddler.delete_topic(settings.prefix + "boxoffice.scans");
  meddler.delete_topic(settings.prefix + "boxoffice.claims");
  meddler.make_topic(settings.prefix + "boxoffice.claims", 1,
                     {{"retention.ms", "1000"}, {"cleanup.policy", "compact"}});
  settings.create_topics = false;
  auto log = open_kafka(settings);
  ASSERT_FALSE(log);
  const std::string told = log.error().message;
  for (const std::string name : {"--create", "--execute", "--partitions 2", "--add-config"})
    EXPECT_THAT(told, HasSubstr(name));
  run(commands_in(told));
  log = open_kafka(settings);
  EXPECT_TRUE(log) << log.error().message;
}

}  // namespace
}  // namespace boxoffice::event_log::testing
