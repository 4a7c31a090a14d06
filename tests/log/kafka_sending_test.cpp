// What gateways send and what travels, where brokers refuse it or librdkafka gives a producer up.
// The brokers are in this process and refuse on demand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <stdexcept>
#include <thread>

#include "event-log/kafka/command_post.hpp"
#include "event-log/kafka/idempotent_producer.hpp"
#include "event-log/kafka/lanes.hpp"
#include "event-log/kafka/side_topics.hpp"

namespace boxoffice::event_log::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kInitProducerId = 22;
constexpr Partition kPartition{2};

/// For whatever needs a moment; a minute is for ever.
void await(const std::function<bool()>& condition) {
  const Deadline deadline = within(std::chrono::minutes(1));
  while (!condition()) {
    if (Clock::now() > deadline) throw std::runtime_error("it never came");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

class KafkaSending : public ::testing::Test {
 protected:
  KafkaSending()
      : host_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        broker_(rd_kafka_mock_cluster_new(host_, 1)) {
    settings_.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(broker_);
    settings_.partitions = 4;
    for (const std::string& topic : topic_names(""))
      rd_kafka_mock_topic_create(broker_, topic.c_str(), settings_.partitions, 1);
  }
  ~KafkaSending() override {
    rd_kafka_mock_cluster_destroy(broker_);
    rd_kafka_destroy(host_);
  }

  void fail(std::int16_t request, rd_kafka_resp_err_t error, int times) {
    const std::vector<rd_kafka_resp_err_t> errors(static_cast<std::size_t>(times), error);
    rd_kafka_mock_push_request_errors_array(broker_, request, errors.size(), errors.data());
  }

  std::unique_ptr<KafkaCommandPost> post() {
    auto post = KafkaCommandPost::open(settings_, {});
    if (!post) throw std::runtime_error(post.error().message);
    return std::move(*post);
  }

  /// What its sender is told; empty: it was taken.
  static std::string told_of(KafkaCommandPost& post) {
    std::atomic<bool> is_told = false;
    std::string told;
    CommandPost::Sent sent = [&](std::optional<std::string> trouble) {
      told = trouble.value_or("");
      is_told = true;
    };
    if (!post.send(kPartition, "key", "value", sent)) return "refused";
    await([&] { return is_told.load(); });
    return told;
  }

  rd_kafka_t* host_;
  rd_kafka_mock_cluster_t* broker_;
  KafkaSettings settings_;
};

TEST_F(KafkaSending, IsInTroubleUntilBrokersTakeWhatItMayNotWrite) {
  fail(kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 2);
  const auto gateway = post();
  await([&] {
    const auto trouble = gateway->trouble();
    return trouble && trouble->find("authorization failed") != std::string::npos;
  });
  // Nobody sends it a command meanwhile.
  await([&] { return !gateway->trouble(); });
  EXPECT_EQ(told_of(*gateway), "");

  fail(kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
  EXPECT_THAT(told_of(*gateway), HasSubstr("authorization failed"));
  await([&] { return !gateway->trouble(); });
}

TEST_F(KafkaSending, IsNotInTroubleForOneRecordOrOnePartition) {
  const auto gateway = post();
  await([&] { return !gateway->trouble(); });
  fail(kProduce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
  EXPECT_THAT(told_of(*gateway), HasSubstr("too large"));
  EXPECT_EQ(gateway->trouble(), std::nullopt);
}

TEST_F(KafkaSending, GoesOnWithANewProducerWhereTheFirstWasGivenUp) {
  fail(kInitProducerId, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, 1);
  const auto gateway = post();
  await([&] {
    const auto trouble = gateway->trouble();
    return !trouble || trouble->find("luster authorization failed") != std::string::npos;
  });
  await([&] { return !gateway->trouble(); });
  EXPECT_EQ(told_of(*gateway), "");
}

TEST_F(KafkaSending, OfWhatTravelsGoesOnWithANewProducer) {
  fail(kInitProducerId, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, 1);
  const auto topics = KafkaSideTopics::open(settings_);
  ASSERT_TRUE(topics) << topics.error().message;
  constexpr std::chrono::seconds kPatience{20};
  await([&] {
    const auto way = (*topics)->snapshots().send_to(kPartition);
    return way->send("state", {}, kPatience) && way->settle(kPatience);
  });
}

TEST_F(KafkaSending, OfWhatTravelsTellsOfALostRecordOnce) {
  const auto topics = KafkaSideTopics::open(settings_);
  ASSERT_TRUE(topics) << topics.error().message;
  constexpr std::chrono::seconds kPatience{20};
  const auto way = (*topics)->decided().send_to(kPartition);
  const auto is_taken = [&] { return way->send("keys", {}, kPatience) && way->settle(kPatience); };
  EXPECT_TRUE(is_taken());
  fail(kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
  EXPECT_FALSE(is_taken());
  await(is_taken);
}

TEST_F(KafkaSending, TellsOfEachRecordOnceThoughTheProducerIsGivenUpInTheMidst) {
  std::atomic<int> told = 0;
  std::atomic<int> taken = 0;
  struct Counts {
    std::atomic<int>& told;
    std::atomic<int>& taken;
  } counts{told, taken};
  const auto producer =
      IdempotentProducer::open(settings_, {.thread = "test",
                                           .properties = {},
                                           .delivered =
                                               [](const rd_kafka_message_t& record, void* of) {
                                                 auto& counts = *static_cast<Counts*>(of);
                                                 if (record.err == RD_KAFKA_RESP_ERR_NO_ERROR)
                                                   ++counts.taken;
                                                 ++counts.told;
                                               },
                                           .of = &counts});
  ASSERT_TRUE(producer) << producer.error().message;
  const auto send = [&] {
    return (*producer)->use([](const Client& client) {
      return rd_kafka_producev(client.get(), RD_KAFKA_V_RKT(client.topic(kCommandsLane)),
                               RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(nullptr, 0),
                               RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR;
    });
  };
  int sent = 0;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) sent += send() ? 1 : 0;
    (*producer)->use([](const Client& client) {
      return rd_kafka_test_fatal_error(client.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                                       "a test's");
    });
    EXPECT_THAT((*producer)->fatal_error(), Optional(HasSubstr("a test's")));
    EXPECT_FALSE(send());
    await([&] { return !(*producer)->fatal_error(); });
  }
  const int before = taken;
  ASSERT_TRUE(send());
  await([&] { return taken > before; });
  await([&] { return told == sent + 1; });
}

}  // namespace
}  // namespace boxoffice::event_log::kafka
