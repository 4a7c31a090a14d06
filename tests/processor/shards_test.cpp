// Several processors beside each other, each with partitions of its own.

#include "commands/processor/shards.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <set>

#include "commands/processor/background_thread.hpp"
#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

class OneForEachPartition : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kPartitions = 4;

  void start() { start({.snapshots = &snapshots_, .background = &background_}); }

  struct Kept {
    SnapshotStore* snapshots;
    Background* background;
  };
  void start(Kept kept) {
    std::vector<Shards::Shard> shards;
    for (std::uint16_t i = 0; i < kPartitions; ++i)
      shards.push_back({{schema::Partition{i}},
                        {.log = *log_,
                         .keys = keys_[i],
                         .snapshots = *kept.snapshots,
                         .background = *kept.background,
                         .may_take_over = may_take_over_[i]}});
    shards_ = std::make_unique<Shards>(Settings{}, std::move(shards), [] {
      return std::chrono::floor<schema::Milliseconds>(std::chrono::system_clock::now());
    });
  }

  std::future<Answer> create_occasion(const std::string& name) {
    const auto now = std::chrono::floor<schema::Milliseconds>(std::chrono::system_clock::now());
    auto asked = submission(occasion(name), name, create(details(1)), now);
    auto promise = std::make_shared<std::promise<Answer>>();
    asked.respond = [promise](Answer answer) { promise->set_value(std::move(answer)); };
    if (!shards_->submit(std::move(asked))) promise->set_value(Unavailable{"full"});
    return promise->get_future();
  }

  static std::uint16_t partition_of(const std::string& name) {
    return schema::partition_of(schema::to_text(occasion(name)), kPartitions).value;
  }

  std::unique_ptr<event_log::Log> log_ =
      event_log::open_memory(event_log::make_memory_store(kPartitions));
  std::array<MemoryKeys, kPartitions> keys_;
  MemorySnapshots snapshots_;
  BackgroundThread background_;
  std::array<std::function<std::expected<void, std::string>()>, kPartitions> may_take_over_;
  std::unique_ptr<Shards> shards_;
};

TEST_F(OneForEachPartition, DecidesWhatBelongsToIt) {
  start();
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 32; ++i) answers.push_back(create_occasion(std::to_string(i)));
  std::set<std::uint16_t> partitions;
  for (int i = 0; i < 32; ++i) {
    const Answer answer = answers[static_cast<std::size_t>(i)].get();
    const auto& event = std::get<Outcome>(answer).deciding_event();
    EXPECT_EQ(event.envelope.position.partition.value, partition_of(std::to_string(i)));
    partitions.insert(event.envelope.position.partition.value);
  }
  EXPECT_EQ(partitions.size(), kPartitions);
  shards_->stop();
  EXPECT_EQ(shards_->stats().commands_decided, 32u);
  EXPECT_EQ(shards_->stats().take_overs, kPartitions);
  EXPECT_TRUE(shards_->status().ready);
}

TEST_F(OneForEachPartition, IsNotReadyWhereOneIsNotAndTheOthersGoOn) {
  const std::uint16_t barred = partition_of("barred");
  may_take_over_[barred] = [] { return std::unexpected("it is another's"); };
  start();
  EXPECT_TRUE(std::holds_alternative<Unavailable>(create_occasion("barred").get()));
  for (int i = 0; i < 16; ++i)
    if (const std::string name = std::to_string(i); partition_of(name) != barred) {
      EXPECT_TRUE(std::holds_alternative<Outcome>(create_occasion(name).get()));
    }
  shards_->stop();
  EXPECT_FALSE(shards_->status().ready);
  EXPECT_THAT(shards_->status().reason,
              testing::HasSubstr("partition " + std::to_string(barred) + ": "));
}

/// Whoever is told to stop writes a snapshot; the first here does so only once the others do, too.
class Meeting final : public SnapshotStore {
 public:
  explicit Meeting(int all) : missing_(all) {}
  bool save(schema::Position, WriteTo) override {
    std::unique_lock lock(mutex_);
    --missing_;
    all_came_.notify_all();
    return all_came_.wait_for(lock, 20s, [this] { return missing_ <= 0; });
  }
  std::vector<schema::Sequence> list(schema::Partition) override { return {}; }
  std::optional<Frame> read(schema::Position) override { return std::nullopt; }

 private:
  std::mutex mutex_;
  std::condition_variable all_came_;
  int missing_;
};

TEST_F(OneForEachPartition, StopsAllAtOnce) {
  Meeting meeting(kPartitions);
  AtOnce background;
  start({.snapshots = &meeting, .background = &background});
  std::set<std::uint16_t> partitions;
  for (int i = 0; partitions.size() < kPartitions; ++i) {
    create_occasion(std::to_string(i)).get();
    partitions.insert(partition_of(std::to_string(i)));
  }
  shards_->stop();
  EXPECT_EQ(shards_->stats().snapshots, kPartitions);
  EXPECT_EQ(shards_->stats().snapshots_failed, 0u);
  shards_.reset();  // before what it was given here
}

TEST_F(OneForEachPartition, LetsNothingInAfterItHasStopped) {
  start();
  shards_->stop();
  EXPECT_EQ(std::get<Unavailable>(create_occasion("late").get()).reason, "full");
}

}  // namespace
}  // namespace boxoffice::processor
