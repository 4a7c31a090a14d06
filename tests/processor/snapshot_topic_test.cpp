// Snapshots that travel: on a topic where a crash leaves halves, two may write at a time, and
// nothing is fenced.

#include "commands/processor/snapshot_topic.hpp"

#include "event-log/memory/memory_side_topic.hpp"
#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

using event_log::MemorySideTopic;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Runs something each time that a record is sent: what somebody else does meanwhile.
class Overheard final : public event_log::SideTopic {
 public:
  explicit Overheard(MemorySideTopic& topic) : topic_(topic) {}

  std::function<void()> at_each_record;

  std::unique_ptr<Sending> send_to(schema::Partition partition) override {
    return std::make_unique<Way>(*this, topic_.send_to(partition));
  }
  event_log::Result<Range> range(schema::Partition partition) override {
    return topic_.range(partition);
  }
  event_log::Result<std::uint64_t> first_at(schema::Partition partition, Instant time) override {
    return topic_.first_at(partition, time);
  }
  event_log::Result<void> read(schema::Partition partition, std::uint64_t from, std::uint64_t to,
                               const event_log::SideVisitor& visit) override {
    return topic_.read(partition, from, to, visit);
  }
  event_log::Result<void> trim(schema::Partition partition, std::uint64_t before) override {
    return topic_.trim(partition, before);
  }

 private:
  class Way final : public Sending {
   public:
    Way(Overheard& overheard, std::unique_ptr<Sending> way)
        : overheard_(overheard), way_(std::move(way)) {}
    event_log::Result<void> send(std::string_view value, Instant time,
                                 std::chrono::milliseconds patience) override {
      if (overheard_.at_each_record) overheard_.at_each_record();
      return way_->send(value, time, patience);
    }
    event_log::Result<Settled> settle(std::chrono::milliseconds patience) override {
      return way_->settle(patience);
    }

   private:
    Overheard& overheard_;
    const std::unique_ptr<Sending> way_;
  };

  MemorySideTopic& topic_;
};

class SnapshotTopicTest : public testing::Test {
 protected:
  static constexpr schema::Partition kPartition{2};
  static constexpr SnapshotTopic::Settings kSmallChunks{.chunk_bytes = 100};

  /// A process with its own knowledge of the topic.
  std::unique_ptr<SnapshotTopic> another(event_log::SideTopic& topic) {
    return std::make_unique<SnapshotTopic>(
        topic, [this](const std::string& what) { troubles_.push_back(what); }, kSmallChunks);
  }

  static std::string state(std::uint64_t sequence, std::size_t bytes = 1000) {
    std::string state;
    while (state.size() < bytes) state += std::to_string(sequence) + ",";
    return state;
  }
  static schema::Position at(std::uint64_t sequence) { return {kPartition, {sequence}}; }

  static bool save(SnapshotTopic& snapshots, std::uint64_t sequence, std::size_t bytes = 1000) {
    return snapshots.save(at(sequence), [=](const domain::Sink& sink) {
      const std::string all = state(sequence, bytes);
      for (std::size_t i = 0; i < all.size(); i += 33)
        if (!sink(std::string_view(all).substr(i, 33))) return false;
      return true;
    });
  }

  /// What whoever comes next finds.
  std::vector<std::uint64_t> listed() {
    std::vector<std::uint64_t> sequences;
    const auto next = another(topic_);
    for (const schema::Sequence sequence : next->list(kPartition))
      sequences.push_back(sequence.value);
    return sequences;
  }
  std::optional<std::string> found(std::uint64_t sequence) {
    const auto next = another(topic_);
    (void)next->list(kPartition);
    const auto frame = next->read(at(sequence));
    return frame ? std::optional(std::string(frame->bytes)) : std::nullopt;
  }

  std::vector<std::string>& records() { return topic_.values(kPartition); }

  bool sends_fail_ = false;
  bool reads_fail_ = false;
  bool trims_fail_ = false;
  MemorySideTopic topic_{4,
                         {.send_fails = [this] { return sends_fail_; },
                          .loses = nullptr,
                          .read_fails = [this] { return reads_fail_; },
                          .trim_fails = [this] { return trims_fail_; }}};
  std::vector<std::string> troubles_;
  std::unique_ptr<SnapshotTopic> owner_ = another(topic_);
};

TEST_F(SnapshotTopicTest, FindsOnAnotherMachineWhatWasKept) {
  EXPECT_THAT(listed(), IsEmpty());
  ASSERT_TRUE(save(*owner_, 10));
  ASSERT_TRUE(save(*owner_, 20));
  EXPECT_THAT(listed(), ElementsAre(20, 10)) << "the newest first";
  EXPECT_EQ(found(20), state(20));
  EXPECT_EQ(found(10), state(10));
  EXPECT_EQ(found(15), std::nullopt);
  EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(SnapshotTopicTest, SendsRecordsOfBoundedSize) {
  ASSERT_TRUE(save(*owner_, 10));
  ASSERT_EQ(records().size(), 16u) << "1,002 bytes in chunks with 68 of them, and the head";
  for (const std::string& record : records()) EXPECT_LE(record.size(), 100u);
}

TEST_F(SnapshotTopicTest, KeepsPartitionsApart) {
  ASSERT_TRUE(save(*owner_, 10));
  EXPECT_THAT(owner_->list({1}), IsEmpty());
}

TEST_F(SnapshotTopicTest, KeepsOneThatFillsItsLastChunk) {
  constexpr std::size_t kInChunk = 68;
  ASSERT_TRUE(owner_->save(
      at(10), [](const domain::Sink& sink) { return sink(std::string(2 * kInChunk, 'x')); }));
  EXPECT_EQ(records().size(), 3u);
  EXPECT_EQ(found(10), std::string(2 * kInChunk, 'x'));
}

TEST_F(SnapshotTopicTest, GrowsNoFurtherThanTheLastTwo) {
  for (std::uint64_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(save(*owner_, i * 10));
    EXPECT_LE(records().size(), 2u * 17);
    if (i % 7 == 0) {
      owner_ = another(topic_);  // as after a restart
      (void)owner_->list(kPartition);
    }
  }
  EXPECT_THAT(listed(), ElementsAre(500, 490));
}

TEST_F(SnapshotTopicTest, FindsTheNewestWithoutReadingAnyOther) {
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(save(*owner_, i * 10, 100'000));
  const std::uint64_t before = topic_.bytes_read();
  EXPECT_EQ(found(50), state(50, 100'000));
  EXPECT_LT(topic_.bytes_read() - before, 200'000u)
      << "chunks have headers; the older one is as large";
}

TEST_F(SnapshotTopicTest, IsFoundAmongTheLastWhereNobodyMayTrim) {
  trims_fail_ = true;
  for (std::uint64_t i = 1; i <= 20; ++i) ASSERT_TRUE(save(*owner_, i * 10));
  EXPECT_THAT(listed(), ElementsAre(200, 190, 180, 170));
}

TEST_F(SnapshotTopicTest, IsNotKeptByHalves) {
  ASSERT_TRUE(save(*owner_, 10));
  const auto stopped = [](const domain::Sink& sink) { return sink(state(20)) && false; };
  EXPECT_FALSE(owner_->save(at(20), stopped));
  EXPECT_THAT(listed(), ElementsAre(10));
  EXPECT_THAT(troubles_, IsEmpty()) << "it was given up";
  ASSERT_TRUE(save(*owner_, 30));
  EXPECT_THAT(listed(), ElementsAre(30, 10));
  EXPECT_EQ(found(10), state(10));
}

TEST_F(SnapshotTopicTest, IsFoundBehindWhatACrashLeft) {
  ASSERT_TRUE(save(*owner_, 10));
  ASSERT_TRUE(save(*owner_, 20));
  ASSERT_TRUE(save(*owner_, 30));
  for (int i = 0; i < 4; ++i) records().pop_back();  // no head, nor the last chunks
  EXPECT_THAT(listed(), ElementsAre(20));
  EXPECT_EQ(found(20), state(20));
  owner_ = another(topic_);
  (void)owner_->list(kPartition);
  ASSERT_TRUE(save(*owner_, 40));
  ASSERT_TRUE(save(*owner_, 50));
  EXPECT_THAT(listed(), ElementsAre(50, 40));
  EXPECT_EQ(records().size(), 2u * 16) << "what the crash left is gone, too";
}

TEST_F(SnapshotTopicTest, IsReadThoughAnotherWritesBetween) {
  Overheard overheard(topic_);
  const auto zombie = another(overheard);
  ASSERT_TRUE(save(*zombie, 10));
  // Another machine has taken over from it, and the owner's chunks come between the zombie's.
  (void)owner_->list(kPartition);
  int records_sent = 0;
  overheard.at_each_record = [&] {
    if (++records_sent != 5) return;
    EXPECT_TRUE(save(*owner_, 30));
  };
  ASSERT_TRUE(save(*zombie, 20));
  EXPECT_GT(records_sent, 5);
  EXPECT_THAT(listed(), ElementsAre(30, 20, 10));
  for (const std::uint64_t each : {10, 20, 30}) EXPECT_EQ(found(each), state(each)) << each;
}

TEST_F(SnapshotTopicTest, HasTwoLeftWhoeverTrims) {
  const auto zombie = another(topic_);
  ASSERT_TRUE(save(*zombie, 10));
  ASSERT_TRUE(save(*zombie, 20));
  (void)owner_->list(kPartition);
  ASSERT_TRUE(save(*owner_, 30));
  ASSERT_TRUE(save(*owner_, 40));
  ASSERT_TRUE(save(*zombie, 25)) << "a last one, of what it had committed";
  EXPECT_THAT(listed(), ElementsAre(40, 30, 25));
  ASSERT_TRUE(save(*owner_, 50));
  EXPECT_THAT(listed(), ElementsAre(50, 40, 25)) << "behind the owner's last but one";
  for (const std::uint64_t each : {50, 40}) EXPECT_EQ(found(each), state(each)) << each;
  // And who comes next keeps the two that know the most.
  owner_ = another(topic_);
  (void)owner_->list(kPartition);
  ASSERT_TRUE(save(*owner_, 60));
  EXPECT_THAT(listed(), ElementsAre(60, 50));
}

TEST_F(SnapshotTopicTest, PassesOverOneWhoseChunksAreNotAllThere) {
  ASSERT_TRUE(save(*owner_, 10));
  ASSERT_TRUE(save(*owner_, 20));
  records()[20] = "what is this";
  EXPECT_EQ(found(20), std::nullopt);
  EXPECT_THAT(troubles_, ElementsAre(HasSubstr("the snapshot at 2:20 is not whole")));
  EXPECT_EQ(found(10), state(10));
}

TEST_F(SnapshotTopicTest, IsNotMisledByRecordsOfSomethingElse) {
  records().push_back("BOXHEAD1");
  records().push_back("BOXHEAD1" + std::string(48, '\xff'));
  records().emplace_back();
  ASSERT_TRUE(save(*owner_, 10));
  records().push_back("BOXHEAD1" + std::string(48, '\xff'));
  records().push_back("BOXCHNK1" + std::string(3, 'x'));
  EXPECT_THAT(listed(), ElementsAre(10));
  EXPECT_EQ(found(10), state(10));
}

TEST_F(SnapshotTopicTest, SaysWhatIsInItsWay) {
  ASSERT_TRUE(save(*owner_, 10));
  sends_fail_ = true;
  EXPECT_FALSE(save(*owner_, 20));
  EXPECT_THAT(troubles_.back(),
              HasSubstr("the snapshot at 2:20 was not kept: side topic: no room"));
  sends_fail_ = false;
  trims_fail_ = true;
  EXPECT_TRUE(save(*owner_, 30));
  EXPECT_TRUE(save(*owner_, 40)) << "it is kept all the same";
  EXPECT_THAT(troubles_.back(), HasSubstr("trimming fails"));
  trims_fail_ = false;
  ASSERT_TRUE(save(*owner_, 50));
  EXPECT_THAT(listed(), ElementsAre(50, 40)) << "the older ones went with the next";
  reads_fail_ = true;
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_THAT(troubles_.back(), HasSubstr("the snapshots of partition 2 cannot be looked for"));
}

/// Processors that take over from each other, with nothing in common but the log and the topic.
class TakeOverElsewhere : public ProcessorTest {
 protected:
  TakeOverElsewhere() { settings_.snapshot_events = 10; }

  /// A processor of another machine; the one before is gone, or stays behind.
  void take_over_elsewhere() {
    stop();
    log_ = event_log::open_memory(store_, faults_);
    keys_ = std::make_unique<MemoryKeys>(key_settings_);
    travelled_ = std::make_unique<SnapshotTopic>(
        topic_, [](const std::string& what) { ADD_FAILURE() << what; },
        SnapshotTopic::Settings{.chunk_bytes = 200});
    Surroundings surroundings{*log_, *keys_, *travelled_, background_};
    surroundings.on_taken_over = [this](const TakenOver& taken) { facts_ = taken.facts; };
    processor_ = std::make_unique<Processor>(settings_, surroundings, std::vector{partition()});
    step();
  }

  void claim_some(int first, int end) {
    for (int i = first; i < end; ++i) {
      ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
      now_ += 1s;
      step();
    }
  }

  MemorySideTopic topic_{kPartitions};
  std::unique_ptr<SnapshotTopic> travelled_;
  RecoveryFacts facts_;
};

TEST_F(TakeOverElsewhere, BeginsWithTheSnapshotThatTravelled) {
  take_over_elsewhere();
  open_occasion(1000, 24h);
  claim_some(0, 45);
  settings_.key_window = 0ms;  // whose keys are another matter
  take_over_elsewhere();
  EXPECT_EQ(facts_.snapshot.value, 40u);
  EXPECT_EQ(facts_.events_read, 7u);
  EXPECT_THAT(facts_.passed_over, IsEmpty());
  const Asked again = ask_claim("again", "p3");
  step();
  EXPECT_EQ(event_of<schema::ClaimRefused>(again).refusal, schema::ClaimRefusal::already_claimed);
}

TEST_F(TakeOverElsewhere, SaysWhichSnapshotsDidNotServe) {
  take_over_elsewhere();
  open_occasion(1000, 24h);
  claim_some(0, 45);
  auto& records = topic_.values(partition());
  for (auto record = records.rbegin();; ++record) {
    if (!record->starts_with("BOXCHNK1")) continue;
    record->back() ^= 1;
    break;
  }
  settings_.key_window = 0ms;
  take_over_elsewhere();
  EXPECT_EQ(facts_.snapshot.value, 30u);
  EXPECT_THAT(facts_.passed_over, ElementsAre(HasSubstr(":40 cannot be read, or is damaged")));
}

}  // namespace
}  // namespace boxoffice::processor
