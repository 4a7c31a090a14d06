// Properties of librdkafka that the settings give: in force, or refused by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "event-log/kafka/client.hpp"

namespace boxoffice::event_log::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// What is said against them before anybody asks a broker.
std::string refusal(std::map<std::string, std::string> properties) {
  const auto log = open_kafka({.bootstrap_servers = "127.0.0.1:1",
                               .only_read = true,
                               .read_timeout = std::chrono::milliseconds(1),
                               .properties = std::move(properties)});
  EXPECT_FALSE(log);
  return log.error().kind == LogErrorKind::wrong_format ? log.error().message : "was taken";
}

TEST(KafkaProperties, OfNoKnownNameAreRefusedWithoutTheirValue) {
  EXPECT_THAT(refusal({{"sasl.pasword", "hunter2"}}),
              AllOf(HasSubstr("sasl.pasword"), Not(HasSubstr("hunter2"))));
}

TEST(KafkaProperties, OfAWrongValueAreRefusedWithoutIt) {
  EXPECT_THAT(refusal({{"compression.codec", "morse"}}),
              AllOf(HasSubstr("compression.codec was refused"), Not(HasSubstr("morse"))));
  EXPECT_THAT(refusal({{"debug", "cgrp,hunter2"}}),
              AllOf(HasSubstr("debug was refused"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(refusal({{"sasl.oauthbearer.method", "hunter2"}}),
              AllOf(HasSubstr("sasl.oauthbearer.method was refused"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(refusal({{"socket.keepalive.enable", "hunter2"}}),
              AllOf(HasSubstr("true or false"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(refusal({{"socket.timeout.ms", "1"}}), HasSubstr("outside allowed range 10.."));
}

TEST(KafkaProperties, ThatDoNotGoTogetherAreRefusedWithoutSecrets) {
  EXPECT_THAT(refusal({{"security.protocol", "SSL"}, {"ssl.ca.location", "/no/such/file"}}),
              HasSubstr("kafka-properties: ssl.ca.location failed"));
  EXPECT_EQ(kafka::without_secrets("what of hunter2, and of lz4?", {{"sasl.password", "hunter2"},
                                                                    {"sasl.username", ""},
                                                                    {"compression.codec", "lz4"}}),
            "what of …, and of lz4?");
}

TEST(KafkaProperties, ThatTheAdapterSetsAreRefusedWithWhatToUse) {
  EXPECT_THAT(refusal({{"isolation.level", "read_uncommitted"}}),
              HasSubstr("isolation.level cannot be set: the log depends on it"));
  EXPECT_THAT(refusal({{"session.timeout.ms", "20000"}}),
              HasSubstr("session.timeout.ms cannot be set: use the setting session-timeout-ms"));
  for (const std::string name :
       {"delivery.timeout.ms", "enable.auto.commit", "auto.commit.enable", "fetch.wait.max.ms",
        "fetch.message.max.bytes", "max.partition.fetch.bytes", "queued.max.messages.kbytes",
        "queue.buffering.max.messages", "max.poll.interval.ms", "statistics.interval.ms"})
    EXPECT_THAT(refusal({{name, "1000"}}), HasSubstr(name + " cannot be set: "));
  for (const std::string name : {"group.id", "group.instance.id", "partition.assignment.strategy"})
    EXPECT_THAT(refusal({{name, "roundrobin"}}), HasSubstr(name + " cannot be set: "));
}

/// What a client has in force.
std::string in_force(kafka::Kind kind, const kafka::Properties& own, const kafka::Properties& given,
                     const char* name) {
  const auto client =
      kafka::Client::open({.bootstrap_servers = "127.0.0.1:1", .properties = given}, kind, own);
  if (!client) return client.error().message;
  char value[64];
  std::size_t size = sizeof value;
  rd_kafka_conf_get(rd_kafka_conf((*client)->get()), name, value, &size);
  return value;
}

TEST(KafkaProperties, ThatAreGivenWinOverTheAdapters) {
  using kafka::Kind;
  EXPECT_EQ(in_force(Kind::producer, {{"linger.ms", "1"}}, {}, "queue.buffering.max.ms"), "1");
  EXPECT_EQ(in_force(Kind::producer, {{"linger.ms", "1"}}, {{"linger.ms", "7"}},
                     "queue.buffering.max.ms"),
            "7");
  EXPECT_EQ(in_force(Kind::producer, {{"linger.ms", "1"}}, {{"queue.buffering.max.ms", "7"}},
                     "queue.buffering.max.ms"),
            "7")
      << "its other name";
  for (const auto& [name, value] : kafka::Properties{{"reconnect.backoff.ms", "21"},
                                                     {"reconnect.backoff.max.ms", "201"},
                                                     {"socket.timeout.ms", "9999"},
                                                     {"connections.max.idle.ms", "6000"},
                                                     {"log.connection.close", "true"},
                                                     {"enable.metrics.push", "true"},
                                                     {"fetch.error.backoff.ms", "51"},
                                                     {"fetch.queue.backoff.ms", "6"}})
    EXPECT_EQ(in_force(Kind::reader, {}, {{name, value}}, name.c_str()), value) << name;
  EXPECT_EQ(in_force(Kind::producer, {}, {{"retry.backoff.ms", "2"}}, "retry.backoff.ms"), "2");
  EXPECT_EQ(in_force(Kind::member, {}, {{"heartbeat.interval.ms", "501"}}, "heartbeat.interval.ms"),
            "501");
}

}  // namespace
}  // namespace boxoffice::event_log::testing
