#include "app/settings/kafka_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "app/settings/serve_settings.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class KafkaSettingsTest : public testing::Test {
 protected:
  Settings settings(std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--config", "/dev/null"});
    return Settings(serve_settings(), flags);
  }
  event_log::KafkaSettings read(std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--log", "kafka", "--brokers", "one:9092,two:9092"});
    return kafka_settings(settings(std::move(flags)));
  }
  std::string refusal(std::vector<std::string> flags) {
    try {
      read(std::move(flags));
    } catch (const WrongSetting& wrong) {
      return wrong.what();
    }
    return "was taken";
  }
  std::string file(const std::string& content) {
    const std::string path = directory_.path() / "kafka.properties";
    std::ofstream(path) << content;
    return path;
  }

 private:
  const TemporaryDirectory directory_;
};

TEST_F(KafkaSettingsTest, HaveTheDefaultsOfACluster) {
  const auto kafka = read({});
  EXPECT_EQ(kafka.bootstrap_servers, "one:9092,two:9092");
  EXPECT_EQ(kafka.prefix, "");
  EXPECT_EQ(kafka.partitions, 0);
  EXPECT_EQ(kafka.replication_factor, 0) << "as the cluster suggests";
  EXPECT_EQ(kafka.min_insync_replicas, 0);
  EXPECT_TRUE(kafka.create_topics);
}

TEST_F(KafkaSettingsTest, TakeAFileOfProperties) {
  const auto path = file("# a comment\n\n  security.protocol = SASL_SSL\nsasl.password=a=b#c\r\n");
  EXPECT_THAT(read({"--kafka-properties", path}).properties,
              ElementsAre(Pair("sasl.password", "a=b#c"), Pair("security.protocol", "SASL_SSL")));
}

TEST_F(KafkaSettingsTest, NameTheLineThatIsWrongAndShowNothingOfIt) {
  const std::string said = refusal({"--kafka-properties", file("a=1\nsasl.password hush\n")});
  EXPECT_THAT(said, HasSubstr("setting kafka-properties: "));
  EXPECT_THAT(said, HasSubstr("line 2"));
  EXPECT_THAT(said, testing::Not(HasSubstr("hush")));
  for (const std::string line : {"sasl.password hush==", "sasl.password:hush=", "hush hush=1"})
    EXPECT_THAT(refusal({"--kafka-properties", file(line)}),
                testing::AllOf(HasSubstr("line 1"), testing::Not(HasSubstr("hush"))));
  EXPECT_THAT(refusal({"--kafka-properties", file("a=1\na=2\n")}), HasSubstr("a is given twice"));
  EXPECT_THAT(refusal({"--kafka-properties", "/no/such/file"}), HasSubstr("cannot be read"));
}

TEST_F(KafkaSettingsTest, NamePropertiesThatAreRefusedAndShowNoValue) {
  EXPECT_THAT(refusal({"--kafka-properties", file("sasl.pasword = hush\n")}),
              testing::AllOf(HasSubstr("setting kafka-properties: "), HasSubstr("sasl.pasword"),
                             testing::Not(HasSubstr("hush"))));
  EXPECT_THAT(refusal({"--kafka-properties", file("acks=1\n")}), HasSubstr("acks cannot be set"));
}

TEST_F(KafkaSettingsTest, AreRefusedWhereTheyCannotBe) {
  EXPECT_THAT(refusal({"--kafka-prefix", "a b"}), HasSubstr("setting kafka-prefix"));
  EXPECT_THAT(refusal({"--kafka-replication-factor", "1", "--kafka-min-insync-replicas", "2"}),
              HasSubstr("setting kafka-min-insync-replicas"));
  EXPECT_THROW(kafka_settings(settings({"--log", "kafka"})), WrongSetting);
}

TEST_F(KafkaSettingsTest, AreRefusedForAnotherLog) {
  EXPECT_FALSE(is_on_kafka(settings({})));
  EXPECT_TRUE(is_on_kafka(settings({"--log", "kafka"})));
  EXPECT_THROW(is_on_kafka(settings({"--brokers", "one:9092"})), WrongSetting);
}

}  // namespace
}  // namespace boxoffice::app
