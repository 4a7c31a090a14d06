// Brokers that are killed while events are appended, with an outside ledger of what was
// acknowledged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "event-log/kafka/command_topic.hpp"
#include "tests/log/history.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {
namespace {

using boxoffice::testing::Broker;

constexpr Partition kPartition{1};
const Partition kOne[] = {kPartition};

/// Appends as an owner does: whatever fails, it takes over again and looks what became of it.
class Owner {
 public:
  explicit Owner(Log& log) : log_(log), history_(log) {}

  /// Appends until `stop` and `enough` more batches were acknowledged after it.
  void run(const std::atomic<bool>& stop, std::size_t enough) {
    for (std::size_t after = 0; after < enough;) {
      if (!writer_ && !take_over()) continue;
      append();
      if (stop && writer_) ++after;
    }
  }

  const History& history() const { return history_; }
  std::atomic<std::size_t> acknowledged = 0;
  std::size_t failed = 0;

 private:
  bool take_over() {
    auto writer = log_.take_over(kOne);
    if (!writer) return false;
    writer_ = std::move(*writer);
    const Sequence end = log_.end(kPartition);
    if (!offered_) {
      EXPECT_EQ(end, history_.end(kPartition));
      return true;
    }
    // All of the batch whose outcome was not known, or nothing.
    if (end == offered_->end(kPartition)) history_ = *offered_;
    EXPECT_EQ(end, history_.end(kPartition));
    offered_.reset();
    return true;
  }

  void append() {
    History next = history_;
    const auto done = writer_->append(next.next_batch(kPartition, 5));
    if (done) {
      history_ = next;
      ++acknowledged;
      acknowledged.notify_all();
      return;
    }
    ++failed;
    EXPECT_NE(done.error().kind, LogErrorKind::corrupt) << done.error().message;
    const bool is_open = done.error().message.find("open outcome") != std::string::npos;
    if (is_open) offered_ = next;
    writer_.reset();
  }

  Log& log_;
  std::unique_ptr<Writer> writer_;
  History history_;                 // what the log must hold
  std::optional<History> offered_;  // with the batch that is in doubt
};

TEST(KafkaOutage, LosesNothingAcknowledgedAndShowsNothingRefusedWhenABrokerIsKilled) {
  Broker broker;
  KafkaSettings settings = fresh_settings(broker);
  settings.commit_timeout = std::chrono::milliseconds(2'000);
  const auto log = opened(settings);
  Owner owner(*log);
  std::atomic<bool> stop = false;
  std::thread appending([&] { owner.run(stop, 5); });
  for (int kill = 0; kill < 3; ++kill) {
    const std::size_t begun = owner.acknowledged;
    for (std::size_t seen = begun; seen < begun + 10; seen = owner.acknowledged)
      owner.acknowledged.wait(seen);
    broker.kill();
    broker.start();
  }
  stop = true;
  appending.join();
  EXPECT_GE(owner.failed, 1u);
  expect_holds(*log, owner.history(), kPartition);
  expect_holds(*opened(settings), owner.history(), kPartition);
}

/// Waits for what must end by itself; where it does not, the broker's return ends it.
template <class Call>
void expect_to_return(Broker& broker, const std::string& what, Call call) {
  auto calling = std::async(std::launch::async, std::move(call));
  EXPECT_EQ(calling.wait_for(std::chrono::seconds(60)), std::future_status::ready)
      << what << " waits for the broker's return";
  if (calling.wait_for(std::chrono::seconds(0)) != std::future_status::ready) broker.start();
}

TEST(KafkaOutage, HoldsNobodyUpWhoReads) {
  Broker broker;
  KafkaSettings settings = fresh_settings(broker);
  const auto log = opened(settings);
  settings.read_timeout = std::chrono::seconds(5);
  const auto commands = KafkaCommandTopic::open(settings);
  ASSERT_TRUE(commands) << commands.error().message;
  const auto source = (*commands)->source(kPartition);
  ASSERT_TRUE(source->bounds(std::chrono::seconds(5)));
  broker.kill();
  expect_to_return(broker, "asking for bounds",
                   [&] { (void)source->bounds(std::chrono::seconds(60)); });
}

}  // namespace
}  // namespace boxoffice::event_log::testing
