#include "app/processor/held_partitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <thread>

#include "commands/post/posted_commands.hpp"
#include "event-log/memory/memory_commands.hpp"
#include "event-log/memory/memory_log.hpp"
#include "event-log/memory/memory_side_topic.hpp"
#include "tests/processor/vocabulary.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::app {
namespace {

using namespace vocabulary;
using schema::Partition;

/// Two partitions, their topic, and a gateway.
class Holding : public testing::Test {
 protected:
  static constexpr std::uint16_t kPartitions = 2;
  static constexpr Partition kOne{0};
  static constexpr Partition kOther{1};

  /// Of a processor that holds what it is given.
  HeldPartitions::Makings makings() {
    return {
        .log = *log_,
        .snapshots = snapshots_,
        .decided = decided_,
        .directory = directory_.path(),
        .deciding = {},
        .keys = {},
        .commands = [this](Partition partition) { return commands_.source(partition); },
        .may_take_over = [](Partition, auto) -> std::expected<void, std::string> { return {}; }};
  }

  /// An occasion of that partition's, whose creation is asked for.
  std::future<processor::Answer> create_in(Partition partition) {
    std::string word = "gala";
    while (schema::partition_of(schema::to_text(occasion(word)), kPartitions) != partition)
      word += "!";
    const auto now = std::chrono::floor<schema::Milliseconds>(std::chrono::system_clock::now());
    auto asked = submission(occasion(word), word, create(details(1)), now);
    auto promise = std::make_shared<std::promise<processor::Answer>>();
    asked.respond = [promise](processor::Answer answer) { promise->set_value(std::move(answer)); };
    EXPECT_TRUE(gateway_.submit(std::move(asked)));
    return promise->get_future();
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<event_log::Log> log_ =
      event_log::open_memory(event_log::make_memory_store(kPartitions));
  event_log::MemorySideTopic snapshots_{kPartitions};
  event_log::MemorySideTopic decided_{kPartitions};
  event_log::MemoryCommands commands_{kPartitions, "cluster/commands"};
  post::PostedCommands gateway_{
      {.gateway = "here", .deployment = "memory000000", .partitions = kPartitions}, commands_};
  std::shared_ptr<void> following_ = log_->follow([this](const auto& batch) {
    for (const event_log::ReplyRecord& reply : batch->replies)
      gateway_.replied(reply.to, reply.value);
  });
};

/// One whose stream has stood still for a while.
class StandingStill final : public event_log::CommandSource {
 public:
  explicit StandingStill(std::unique_ptr<event_log::CommandSource> source)
      : source_(std::move(source)) {}

  std::string_view log() const override { return source_->log(); }
  event_log::Result<Bounds> bounds(std::chrono::milliseconds patience) override {
    return source_->bounds(patience);
  }
  event_log::Result<void> seek(std::uint64_t offset) override { return source_->seek(offset); }
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t) override {
    return {};
  }
  void wait(std::chrono::steady_clock::time_point until) override { source_->wait(until); }
  void interrupt() override { source_->interrupt(); }
  std::chrono::milliseconds behind() const override { return 7s; }
  std::optional<std::string> trouble() const override { return "nothing has come"; }

 private:
  const std::unique_ptr<event_log::CommandSource> source_;
};

template <class Condition>
void await(const Condition& condition) {
  while (!condition()) std::this_thread::yield();
}

TEST_F(Holding, GoesOnWithTheOthersWhereOneCannotBeDecided) {
  HeldPartitions held(makings());
  held.hold({kOne, kOther});
  create_in(kOne).get();
  held.release({kOne});
  commands_.cut_at(kOne, 0);
  held.hold({kOne});
  await([&] { return !held.status().retry_helps; });
  EXPECT_THAT(held.status().reason, testing::HasSubstr("partition 0: the log says"));
  EXPECT_EQ(held.fault(), std::nullopt) << "elsewhere it would be the same";
  EXPECT_TRUE(std::holds_alternative<processor::Outcome>(create_in(kOther).get()));

  held.release({kOne});
  EXPECT_TRUE(held.status().ready) << "it is another's to say";
}

TEST_F(Holding, GivesUpWhereItsOwnDirectoryCannotBeUsed) {
  std::ofstream(directory_.path() / "idempotency") << "a file";
  HeldPartitions held(makings());
  held.hold({kOther});
  ASSERT_TRUE(held.fault().has_value());
  EXPECT_THAT(*held.fault(), testing::HasSubstr("partition 1: "));
}

TEST_F(Holding, IsNotReadyWhereNoCommandsComeThoughThereAreSome) {
  auto makings = this->makings();
  makings.commands = [this](Partition partition) -> std::unique_ptr<event_log::CommandSource> {
    if (partition == kOne) return commands_.source(partition);
    return std::make_unique<StandingStill>(commands_.source(partition));
  };
  HeldPartitions held(std::move(makings));
  held.hold({kOne, kOther});
  await([&] { return held.status().reason == "partition 1: nothing has come"; });
  EXPECT_FALSE(held.status().ready);
  EXPECT_TRUE(held.status().retry_helps);
  await([&] { return held.behind(processor::Instant{}).at(kOne) == 0s; });
  EXPECT_EQ(held.behind(processor::Instant{}).at(kOther), 7s);
}

TEST_F(Holding, KnowsWhatComesNextOnceItHasTakenOver) {
  HeldPartitions held(makings());
  EXPECT_TRUE(held.next().empty());
  held.hold({kOne});
  create_in(kOne).get();
  EXPECT_EQ(held.next(), (std::map<Partition, std::uint64_t>{{kOne, 1}}));
}

}  // namespace
}  // namespace boxoffice::app
