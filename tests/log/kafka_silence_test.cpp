// Brokers that answer, but hand nothing over: commands and replies are missed though no stream has
// an error. The brokers are in this process, and keep an answer back on demand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <stdexcept>
#include <thread>

#include "event-log/kafka/command_post.hpp"
#include "event-log/kafka/lane_edges.hpp"
#include "event-log/kafka/watched_stream.hpp"
#include "tests/log/kafka_meddler.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr std::int16_t kFetch = 1;
constexpr Partition kPartition{2};
constexpr Budget kBudget{.lane_bytes = 1 << 20,
                         .fetch_bytes = 1 << 20,
                         .records_at_once = 16,
                         .fetch_wait = std::chrono::milliseconds(100)};

/// For whatever needs a moment; a minute is for ever.
void await(const std::function<bool()>& condition) {
  const Deadline deadline = within(std::chrono::minutes(1));
  while (!condition()) {
    if (Clock::now() > deadline) throw std::runtime_error("it never came");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

class KafkaSilence : public ::testing::Test {
 protected:
  KafkaSilence()
      : host_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        broker_(rd_kafka_mock_cluster_new(host_, 1)) {
    settings_.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(broker_);
    settings_.partitions = 4;
    settings_.properties = {{"socket.timeout.ms", "300000"}};  // no help from librdkafka
    for (const std::string& topic : topic_names(""))
      rd_kafka_mock_topic_create(broker_, topic.c_str(), settings_.partitions, 1);
    meddler_.emplace(settings_.bootstrap_servers);
  }
  ~KafkaSilence() override {
    rd_kafka_mock_cluster_destroy(broker_);
    rd_kafka_destroy(host_);
  }

  /// Whoever asks next for records hears nothing more, on that connection.
  void fall_silent() {
    rd_kafka_mock_broker_push_request_error_rtts(broker_, 1, kFetch, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                 600'000);
  }

  rd_kafka_t* host_;
  rd_kafka_mock_cluster_t* broker_;
  KafkaSettings settings_;
  std::optional<event_log::testing::Meddler> meddler_;
};

std::unique_ptr<Client> observer_of(const KafkaSettings& settings) {
  auto client = std::move(*Client::open(settings, Kind::observer));
  if (!client->know(topic_names(""), within(std::chrono::minutes(1))))
    throw std::runtime_error("the broker does not answer");
  return client;
}

/// A partition of commands, on one thread as its processor reads it.
struct WatchedCommands {
  explicit WatchedCommands(const KafkaSettings& settings)
      : client(observer_of(settings)),
        readers(settings, kBudget),
        lookout(*client, "ends"),
        stream({settings, readers, lookout, std::chrono::seconds(4)}, {kCommandsLane, kPartition},
               bell) {
    if (!stream.open(0)) throw std::runtime_error("it cannot be read");
  }

  std::size_t taken() {
    for (; stream.head() != nullptr; ++count) (void)stream.take();
    stream.looked();
    return count;
  }

  std::size_t count = 0;
  const std::unique_ptr<Client> client;
  Readers readers;
  Lookout lookout;
  Bell bell;
  WatchedStream stream;
};

TEST_F(KafkaSilence, IsNoticedOfCommandsAndTheyAreReadOverAnotherConnection) {
  WatchedCommands commands(settings_);
  std::size_t written = 0;
  const auto write = [&] {
    meddler_->write("boxoffice.commands", kPartition.value, "a command");
    ++written;
  };
  write();
  await([&] { return commands.taken() == 1; });
  EXPECT_EQ(commands.stream.trouble(), std::nullopt);

  fall_silent();
  // One may still be handed over by what was asked before.
  await([&] {
    write();
    commands.taken();
    return commands.stream.trouble().has_value();
  });
  EXPECT_THAT(commands.stream.trouble(), Optional(HasSubstr("boxoffice.commands [2] has come")));
  EXPECT_GT(commands.stream.behind(), std::chrono::seconds(2));

  await([&] { return commands.taken() == written; });
  await([&] {
    commands.taken();
    return !commands.stream.trouble() && commands.stream.behind() == std::chrono::seconds(0);
  });
}

TEST_F(KafkaSilence, IsNoticedOfRepliesAndTheyAreReadOverAnotherConnection) {
  const auto post =
      std::move(*KafkaCommandPost::open(settings_, {.opens_again_after = std::chrono::seconds(4)}));
  std::atomic<int> taken = 0;
  post->receive([&](std::string_view, std::string_view) { ++taken; });
  await([&] { return !post->trouble(); });

  fall_silent();
  int written = 0;
  await([&] {
    meddler_->write("boxoffice.replies", kPartition.value, "a reply");
    ++written;
    return post->trouble().has_value();
  });
  EXPECT_THAT(post->trouble(), Optional(HasSubstr("boxoffice.replies [2] has come")));
  EXPECT_GT(post->behind()[kPartition.value], std::chrono::seconds(2));

  await([&] { return taken == written; });
  await([&] {
    return !post->trouble() && post->behind() == std::vector<std::chrono::milliseconds>(4);
  });
}

TEST_F(KafkaSilence, IsNoticedWhereNobodyTellsWhetherThereIsMore) {
  WatchedCommands commands(settings_);
  rd_kafka_mock_broker_set_down(broker_, 1);
  await([&] { return commands.stream.trouble().has_value(); });
  EXPECT_THAT(commands.stream.trouble(), Optional(HasSubstr("where boxoffice.commands [2] ends")));
  rd_kafka_mock_broker_set_up(broker_, 1);
  await([&] {
    commands.taken();
    return !commands.stream.trouble();
  });
}

/// Markers and aborted records take offsets that no reader is ever given.
TEST(KafkaQuiet, IsNoStandstillBehindAnAbortedTransaction) {
  const KafkaSettings settings =
      event_log::testing::fresh_settings(boxoffice::testing::Broker::shared());
  const auto log = event_log::testing::opened(settings);
  const auto client = std::move(*Client::open(settings, Kind::reader));
  ASSERT_TRUE(client->know(topic_names(settings.prefix), within(settings.read_timeout)));
  Readers readers(settings, kBudget);
  Lookout lookout(*client, "ends");
  Bell bell;
  const Lane lane{kRepliesLane, kPartition};
  WatchedStream stream({settings, readers, lookout, std::chrono::minutes(1)}, lane, bell);
  ASSERT_TRUE(stream.open(0));

  const std::string topic = settings.prefix + "boxoffice.replies";
  {
    event_log::testing::OpenTransaction dies(settings.bootstrap_servers, settings.prefix + "one");
    dies.write(topic, kPartition.value, "a reply");
  }
  event_log::testing::OpenTransaction next(settings.bootstrap_servers, settings.prefix + "one");
  next.write(topic, kPartition.value, "another");
  ASSERT_EQ(next.commit(), "");
  event_log::testing::OpenTransaction goes_on(settings.bootstrap_servers, settings.prefix + "two");
  goes_on.write(topic, kPartition.value, "undecided");

  constexpr std::int64_t kEnd = 4;  // two records, two markers; behind them nothing is decided
  await([&] {
    const auto ends = edges(*client, std::span(&lane, 1), Edge::end, within(settings.read_timeout));
    return ends && ends->front() == kEnd;
  });
  await([&] {
    while (stream.head() != nullptr) (void)stream.take();
    stream.looked();
    return stream.reached() == kEnd;
  });
  EXPECT_EQ(stream.trouble(), std::nullopt);
}

}  // namespace
}  // namespace boxoffice::event_log::kafka
