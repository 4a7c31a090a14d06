// Following what other processes commit, on a real broker.
#include <gtest/gtest.h>

#include <condition_variable>

#include "event-log/kafka/topic_feed.hpp"
#include "tests/log/history.hpp"
#include "tests/log/kafka_meddler.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {
namespace {

using boxoffice::testing::Broker;

constexpr std::chrono::seconds kPatience{60};

/// Values by partition, in the order in which they came.
class Collected {
 public:
  void add(Partition partition, std::string_view value) {
    {
      const std::lock_guard lock(mutex_);
      values_[partition].emplace_back(value);
    }
    changed_.notify_all();
  }
  /// Waits until there are as many, and says whether they are the same.
  void expect(Partition partition, const std::vector<std::string>& values) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return values_[partition].size() >= values.size(); });
    EXPECT_EQ(values_[partition], values);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Partition, std::vector<std::string>> values_;
};

class KafkaFollowing : public ::testing::Test {
 protected:
  void append(std::uint16_t partition, std::size_t count) {
    std::vector<CommittedEvent> events;
    for (std::size_t i = 0; i < count; ++i)
      events.push_back(i % 2 == 0 ? history_.next({partition}, schema::KeyUsed{}, "somebody")
                                  : history_.next({partition}, schema::ReleaseRefused{}, "who"));
    const auto done = writers_[partition]->append(batch(std::move(events)));
    ASSERT_TRUE(done) << done.error().message;
  }
  std::vector<std::string> values(Partition partition, std::size_t from,
                                  std::optional<Topic> topic = {}) const {
    std::vector<std::string> values;
    const auto& events = history_.of(partition);
    for (std::size_t i = from; i < events.size(); ++i)
      if (!topic || events[i].topic == *topic) values.push_back(events[i].value);
    return values;
  }

  KafkaSettings settings_ = fresh_settings(Broker::shared());
  std::unique_ptr<Log> log_ = opened(settings_);
  History history_{*log_};
  std::map<std::uint16_t, std::unique_ptr<Writer>> writers_ = [this] {
    std::map<std::uint16_t, std::unique_ptr<Writer>> writers;
    for (std::uint16_t i = 0; i < 2; ++i) writers[i] = writer_of(*log_, {i});
    return writers;
  }();
};

TEST_F(KafkaFollowing, HandsOverWhatOthersCommitInOrder) {
  append(0, 20);
  KafkaSettings reading = settings_;
  reading.only_read = true;
  reading.follows_others = true;
  reading.made_by_others = true;
  const auto reader = opened(reading);
  Collected collected;
  const auto following = reader->follow([&](const std::shared_ptr<const Batch>& batch) {
    for (const CommittedEvent& event : batch->events)
      collected.add(event.envelope.position.partition, event.value);
  });
  for (int i = 0; i < 5; ++i) {
    append(0, 7);
    append(1, 3);
  }
  collected.expect({0}, values({0}, 20));  // those before the opening are the log's
  collected.expect({1}, values({1}, 0));
  EXPECT_EQ(reader->end({0}), history_.end({0}));
  EXPECT_EQ(reader->end({1}), history_.end({1}));
}

TEST_F(KafkaFollowing, WaitsForAMarkerInItsPartitionAlone) {
  KafkaSettings reading = settings_;
  reading.only_read = true;
  reading.follows_others = true;
  reading.read_timeout = std::chrono::hours(1);  // whoever waits as long is noticed
  const auto reader = opened(reading);
  Collected collected;
  const auto following = reader->follow([&](const std::shared_ptr<const Batch>& batch) {
    for (const CommittedEvent& event : batch->events)
      collected.add(event.envelope.position.partition, event.value);
  });
  append(0, 2);
  collected.expect({0}, values({0}, 0));

  const auto write = [this](auto& writer, const CommittedEvent& event) {
    writer.write(settings_.prefix + std::string(schema::topic_name(event.topic)), 0, event.value);
  };
  OpenTransaction transaction(settings_.bootstrap_servers, settings_.prefix + "late");
  write(transaction, history_.next({0}, schema::KeyUsed{}, "somebody"));
  Meddler decided(settings_.bootstrap_servers);  // a lane that has its marker
  write(decided, history_.next({0}, schema::ReleaseRefused{}, "who"));
  for (int i = 0; i < 5; ++i) {
    append(1, 3);
    collected.expect({1}, values({1}, 0));
  }

  EXPECT_EQ(transaction.commit(), "");
  collected.expect({0}, values({0}, 0));
}

TEST_F(KafkaFollowing, HandsOverATopicFromItsBeginning) {
  append(0, 40);
  append(1, 10);
  Collected collected;
  const auto feed = follow_topic_on_kafka(
      settings_, Topic::accounts,
      [&](const StoredEvent& event) { collected.add(event.position.partition, event.value); });
  ASSERT_TRUE(feed) << feed.error().message;
  EXPECT_EQ((*feed)->deployment(), log_->deployment());
  collected.expect({0}, values({0}, 0, Topic::accounts));
  append(0, 40);
  append(1, 40);
  ASSERT_FALSE(values({1}, 0, Topic::accounts).empty());
  collected.expect({0}, values({0}, 0, Topic::accounts));
  collected.expect({1}, values({1}, 0, Topic::accounts));
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!(*feed)->ready() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE((*feed)->ready());
  EXPECT_EQ((*feed)->trouble(), std::nullopt);
}

TEST(KafkaEndAge, GrowsWhileNobodyTellsWhereTheLogEnds) {
  Broker own;
  const KafkaSettings settings = fresh_settings(own);
  const auto writer = opened(settings);
  EXPECT_EQ(writer->end_age(), std::chrono::milliseconds::zero()) << "who appends knows";
  KafkaSettings reading = settings;
  reading.only_read = true;
  reading.follows_others = true;
  reading.made_by_others = true;
  const auto reader = opened(reading);
  const auto await = [&](const auto& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
  };
  EXPECT_TRUE(await([&] { return reader->end_age() == std::chrono::milliseconds::zero(); }));
  own.kill();
  EXPECT_TRUE(await([&] { return reader->end_age() > std::chrono::seconds(2); }));
  own.start();
  EXPECT_TRUE(await([&] { return reader->end_age() == std::chrono::milliseconds::zero(); }));
}

}  // namespace
}  // namespace boxoffice::event_log::testing
