// Keys that travel: whoever takes a partition over elsewhere has them without reading the events;
// what is missing costs reading, and nothing is ever forgotten.

#include "commands/processor/travelling_keys.hpp"

#include "event-log/memory/memory_side_topic.hpp"
#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

using event_log::MemorySideTopic;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr schema::Partition kPartition{1};
constexpr std::string_view kDeployment = "memory000000";

BoundKey bound(std::uint64_t sequence) {
  const auto who = identity("key " + std::to_string(sequence));
  return {who.id, who.tag, {kPartition, {sequence}}};
}

/// A memory that a disk keeps up to some event.
class KeptKeys final : public KeyMemory {
 public:
  schema::Sequence on_disk;
  std::map<schema::CommandId, BoundKey> keys;

  void restart() override { keys.clear(); }
  schema::Sequence known_through(schema::Partition) override { return on_disk; }
  std::expected<std::optional<BoundKey>, std::string> find(const schema::CommandId& id) override {
    const auto found = keys.find(id);
    return found == keys.end() ? std::nullopt : std::optional(found->second);
  }
  void prefetch(const schema::CommandId&) const override {}
  bool has_room(Instant) override { return true; }
  void remember(const BoundKey& key, Instant) override { keys[key.id] = key; }
  void committed(std::span<const schema::Position> through, Instant) override {
    EXPECT_GE(through.front().sequence, committed_through);
    committed_through = through.front().sequence;
  }
  void save(Instant) override { on_disk = committed_through; }
  std::size_t size() const override { return keys.size(); }

  schema::Sequence committed_through;
};

class TravellingKeysTest : public testing::Test {
 protected:
  static constexpr TravellingKeys::Settings kSmallRuns{.run_keys = 10,
                                                       .run_interval = 1h,
                                                       .record_keys_max = 20,
                                                       .unsent_keys_max = 50,
                                                       .shown_again_max = 30};

  struct Machine {
    KeptKeys kept;
    std::unique_ptr<TravellingKeys> keys;
  };

  std::unique_ptr<Machine> machine(std::string_view deployment = kDeployment) {
    auto made = std::make_unique<Machine>();
    made->keys = std::make_unique<TravellingKeys>(
        made->kept, topic_, kPartition, deployment,
        [this](const std::string& what) { troubles_.push_back(what); }, kSmallRuns);
    return made;
  }
  std::unique_ptr<Machine> begun(std::uint64_t after = 0) {
    auto made = machine();
    made->keys->restart();
    made->keys->begin_after({kPartition, {after}}, at(after));
    return made;
  }

  /// An event a second, each binds a key.
  static Instant at(std::uint64_t sequence) {
    return noon() + std::chrono::seconds(static_cast<std::int64_t>(sequence));
  }
  static void commit(Machine& machine, std::uint64_t from, std::uint64_t through,
                     std::uint64_t batch = 5) {
    for (std::uint64_t sequence = from + 1; sequence <= through; ++sequence) {
      machine.keys->remember(bound(sequence), at(sequence));
      if (sequence % batch != 0 && sequence != through) continue;
      const schema::Position committed{kPartition, {sequence}};
      machine.keys->committed({&committed, 1}, at(sequence));
    }
  }

  KeyMemory::Gathered gather(Machine& machine, std::uint64_t end, std::uint64_t known = 0,
                             std::optional<std::uint64_t> window_begins_after = {}) {
    machine.keys->restart();
    return machine.keys->gather(
        {.partition = kPartition,
         .known = {known},
         .known_at = known == 0 ? Instant{} : at(known),
         .horizon = window_begins_after ? at(*window_begins_after) : noon() - 24h,
         .end = {end}});
  }
  /// What a new machine has, up to which event.
  std::uint64_t gathered_through(std::uint64_t end) {
    return gather(*machine(), end).through.value;
  }

  static void expect_knows(Machine& machine, std::uint64_t from, std::uint64_t through) {
    for (std::uint64_t sequence = from + 1; sequence <= through; ++sequence) {
      const auto found = machine.keys->find(bound(sequence).id);
      ASSERT_TRUE(found && *found) << sequence;
      EXPECT_EQ((*found)->position.sequence.value, sequence);
      EXPECT_EQ((*found)->tag, bound(sequence).tag);
    }
  }

  std::vector<std::string>& records() { return topic_.values(kPartition); }

  bool sends_fail_ = false;
  bool loses_ = false;
  bool reads_fail_ = false;
  MemorySideTopic topic_{4,
                         {.send_fails = [this] { return sends_fail_; },
                          .loses = [this] { return loses_; },
                          .read_fails = [this] { return reads_fail_; },
                          .trim_fails = nullptr}};
  std::vector<std::string> troubles_;
};

TEST_F(TravellingKeysTest, AreHadElsewhereWithoutTheirEvents) {
  const auto one = begun();
  commit(*one, 0, 40);
  const auto other = machine();
  const auto gathered = gather(*other, 40);
  EXPECT_EQ(gathered.through.value, 40u);
  EXPECT_EQ(gathered.keys, 40u);
  expect_knows(*other, 0, 40);
  EXPECT_EQ(other->kept.committed_through.value, 40u) << "its own disk keeps them from now on";
  EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(TravellingKeysTest, AreSentOnceTheyAreCommittedAndWorthARun) {
  const auto one = begun();
  for (std::uint64_t sequence = 1; sequence <= 30; ++sequence)
    one->keys->remember(bound(sequence), at(sequence));
  EXPECT_THAT(records(), IsEmpty()) << "nothing is committed";
  const schema::Position some{kPartition, {30}};
  one->keys->committed({&some, 1}, at(30));
  EXPECT_EQ(records().size(), 2u) << "of twenty keys each at most";
  commit(*one, 30, 35);
  EXPECT_EQ(records().size(), 2u) << "five are not worth a run";
  const schema::Position more{kPartition, {35}};
  one->keys->committed({&more, 1}, at(30) + 1h);
  EXPECT_EQ(records().size(), 3u) << "but after a while they are";
  EXPECT_EQ(gathered_through(35), 35u);
}

TEST_F(TravellingKeysTest, LeaveNothingBehindAtAStop) {
  const auto one = begun();
  commit(*one, 0, 13);
  EXPECT_EQ(gathered_through(13), 10u);
  one->keys->save(at(13));
  EXPECT_EQ(gathered_through(13), 13u);
}

TEST_F(TravellingKeysTest, TellWhereNoKeyWasBoundEither) {
  const auto one = begun();
  commit(*one, 0, 10);
  const schema::Position timers{kPartition, {500}};
  one->keys->committed({&timers, 1}, at(500) + 2h);
  EXPECT_EQ(gathered_through(500), 500u);
}

TEST_F(TravellingKeysTest, AreNotSentIfTheirBatchFailed) {
  const auto one = begun();
  commit(*one, 0, 8);
  one->keys->remember(bound(900), at(9));
  one->keys->save(at(9));
  const auto other = machine();
  EXPECT_EQ(gather(*other, 8).keys, 8u);
  EXPECT_FALSE(*other->keys->find(bound(900).id));
}

TEST_F(TravellingKeysTest, AreNotHadBehindAGap) {
  const auto one = begun();
  commit(*one, 0, 20);
  commit(*one, 20, 40);
  records().erase(records().begin() + 1);
  commit(*one, 40, 60);
  EXPECT_EQ(gathered_through(60), 10u) << "from there on the events tell";
  EXPECT_THAT(troubles_, ElementsAre(HasSubstr("the events behind 1:10 are read instead")));
}

TEST_F(TravellingKeysTest, AreWholeAgainOnceTheEventsBehindAGapWereRead) {
  const auto one = begun();
  commit(*one, 0, 60);
  records().erase(records().begin() + 1);
  const auto other = machine();
  ASSERT_EQ(gather(*other, 60).through.value, 10u);
  other->keys->begin_after({kPartition, {10}}, at(10));
  commit(*other, 10, 60);  // as it is shown the events
  commit(*other, 60, 70);
  const auto third = machine();
  EXPECT_EQ(gather(*third, 70).through.value, 70u);
  expect_knows(*third, 0, 70);
}

TEST_F(TravellingKeysTest, OverlapWithoutHarm) {
  const auto one = begun();
  commit(*one, 0, 30);
  const auto zombie = begun(20);  // has the same truth
  commit(*zombie, 20, 25);
  zombie->keys->save(at(25));
  commit(*one, 30, 50);
  const auto other = machine();
  const auto gathered = gather(*other, 50);
  EXPECT_EQ(gathered.through.value, 50u);
  EXPECT_EQ(gathered.keys, 50u) << "each once";
  expect_knows(*other, 0, 50);
}

TEST_F(TravellingKeysTest, BeginWithTheRunInWhichTheWindowDoes) {
  const auto one = begun();
  commit(*one, 0, 100);
  records().erase(records().begin(), records().begin() + 3);  // retention
  records().insert(records().begin(), 3, "");                 // (offsets stay)
  const auto other = machine();
  const auto gathered = gather(*other, 100, 0, 45);
  EXPECT_EQ(gathered.through.value, 100u);
  EXPECT_THAT(gathered.keys, testing::AllOf(testing::Ge(55u), testing::Le(57u)))
      << "those decided before the window are not remembered";
  expect_knows(*other, 45, 100);
}

TEST_F(TravellingKeysTest, AreNotTakenForWholeWhereTheWindowBeginsBeforeThem) {
  const auto one = begun(50);
  commit(*one, 50, 100);
  EXPECT_EQ(gather(*machine(), 100, 0, 49).through.value, 0u) << "the fiftieth's key is missing";
  EXPECT_EQ(gather(*machine(), 100, 0, 50).through.value, 100u);
}

TEST_F(TravellingKeysTest, GoOnWithWhatTheDiskHas) {
  const auto one = begun();
  commit(*one, 0, 100);
  const auto other = machine();
  const std::uint64_t before = topic_.bytes_read();
  const auto gathered = gather(*other, 100, 85);
  EXPECT_EQ(gathered.through.value, 100u);
  EXPECT_EQ(gathered.keys, 15u);
  EXPECT_LE(topic_.bytes_read() - before, 3u * (96 + 10 * kKeyRowBytes)) << "two runs, or three";
}

TEST_F(TravellingKeysTest, AreShownAgainWhereTheTopicLacksTheLastOnes) {
  const auto one = begun();
  commit(*one, 0, 25);
  one->kept.save(at(25));
  one->keys->restart();  // a crash before the last five were sent
  EXPECT_EQ(one->keys->known_through(kPartition).value, 20u);
  EXPECT_EQ(gather(*one, 25, 20).through.value, 20u);
  one->keys->begin_after({kPartition, {20}}, at(20));
  commit(*one, 20, 35);
  EXPECT_EQ(gathered_through(35), 30u);
}

TEST_F(TravellingKeysTest, AreNotShownAgainWhereTheTopicLacksMany) {
  const auto one = machine();
  one->kept.on_disk = {1000};
  EXPECT_EQ(one->keys->known_through(kPartition).value, 1000u);
  reads_fail_ = true;
  EXPECT_EQ(one->keys->known_through(kPartition).value, 1000u);
}

TEST_F(TravellingKeysTest, LeaveAGapOfWhatCouldNotBeSent) {
  const auto one = begun();
  commit(*one, 0, 10);
  sends_fail_ = true;
  commit(*one, 10, 50);
  EXPECT_THAT(troubles_, IsEmpty()) << "they wait";
  sends_fail_ = false;
  commit(*one, 50, 55);
  EXPECT_EQ(gathered_through(55), 55u);
  sends_fail_ = true;
  commit(*one, 55, 120);
  EXPECT_THAT(troubles_, ElementsAre(HasSubstr("reads the events behind 1:55")));
  sends_fail_ = false;
  commit(*one, 120, 150);
  one->keys->save(at(150));
  EXPECT_EQ(gathered_through(150), 55u);
  EXPECT_EQ(gather(*machine(), 150, 120).through.value, 150u) << "behind the gap they are whole";
}

TEST_F(TravellingKeysTest, LeaveAGapWhereTheyWereLostOnTheWay) {
  const auto one = begun();
  commit(*one, 0, 10);
  loses_ = true;
  commit(*one, 10, 20);
  loses_ = false;
  commit(*one, 20, 30);
  EXPECT_EQ(gathered_through(30), 10u);
}

TEST_F(TravellingKeysTest, OfAnotherDeploymentOrDamagedAreNoneAtAll) {
  const auto one = begun();
  commit(*one, 0, 20);
  EXPECT_EQ(gather(*machine("another00000"), 20).through.value, 0u);
  records()[1][100] ^= 1;
  EXPECT_EQ(gathered_through(20), 10u);
  records()[0].resize(records()[0].size() / 2);
  EXPECT_EQ(gathered_through(20), 0u);
  EXPECT_THAT(troubles_, SizeIs(3)) << "each says so";
}

TEST_F(TravellingKeysTest, ThatKnowMoreThanTheLogTellSo) {
  const auto one = begun();
  commit(*one, 0, 20);
  const auto other = machine();
  EXPECT_GT(gather(*other, 15).through.value, 15u);
}

TEST_F(TravellingKeysTest, AreNotHadWhereTheTopicCannotBeRead) {
  const auto one = begun();
  commit(*one, 0, 20);
  reads_fail_ = true;
  EXPECT_EQ(gathered_through(20), 0u);
  EXPECT_THAT(troubles_, ElementsAre(HasSubstr("idempotency keys of partition 1 on their way")));
}

/// Processors that take over from each other, with nothing in common but the log and the topic.
class KeysElsewhere : public ProcessorTest {
 protected:
  void take_over_elsewhere() {
    stop();
    log_ = event_log::open_memory(store_, faults_);
    keys_ = std::make_unique<MemoryKeys>(key_settings_);
    travelling_ = std::make_unique<TravellingKeys>(
        *keys_, topic_, partition(), log_->deployment(),
        [this](const std::string& what) { troubles_.push_back(what); },
        TravellingKeys::Settings{.run_keys = 10});
    Surroundings surroundings{*log_, *travelling_, snapshots_, background_};
    surroundings.on_taken_over = [this](const TakenOver& taken) { facts_ = taken.facts; };
    processor_ = std::make_unique<Processor>(settings_, surroundings, std::vector{partition()});
    step();
  }

  void expect_same(const Asked& first, const Asked& again) {
    EXPECT_EQ(values_of(outcome_of(first)), values_of(outcome_of(again)));
    EXPECT_TRUE(outcome_of(again).repeated);
  }

  MemorySideTopic topic_{kPartitions};
  std::unique_ptr<TravellingKeys> travelling_;
  RecoveryFacts facts_;
  std::vector<std::string> troubles_;
};

TEST_F(KeysElsewhere, TellTheSameOutcomeAndLeaveTheEventsUnread) {
  settings_.snapshot_events = 10;
  take_over_elsewhere();
  open_occasion(1000, 24h);
  std::vector<Asked> first;
  for (int i = 0; i < 95; ++i) {
    first.push_back(ask_claim("k" + std::to_string(i), "p" + std::to_string(i)));
    now_ += 100ms;
    step();
  }
  take_over_elsewhere();
  EXPECT_GE(facts_.keys_gathered, 85u);
  EXPECT_LE(facts_.events_read, 10u);
  EXPECT_GE(facts_.events_read + facts_.keys_gathered, 97u);
  EXPECT_THAT(troubles_, IsEmpty());
  for (int i = 0; i < 95; ++i) {
    const Asked again = ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
    step();
    expect_same(first[static_cast<std::size_t>(i)], again);
  }
}

TEST_F(KeysElsewhere, AreReadFromTheEventsBehindAGapAndHadByTheNextOne) {
  take_over_elsewhere();
  open_occasion(1000, 24h);
  std::vector<Asked> first;
  for (int i = 0; i < 50; ++i) {
    first.push_back(ask_claim("k" + std::to_string(i), "p" + std::to_string(i)));
    step();
  }
  auto& records = topic_.values(partition());
  ASSERT_GE(records.size(), 4u);
  records.erase(records.begin() + 2);
  take_over_elsewhere();
  EXPECT_THAT(troubles_, SizeIs(1)) << "the gap";
  leave();
  take_over_elsewhere();
  EXPECT_THAT(troubles_, SizeIs(1)) << "closed by what was sent after it";
  EXPECT_EQ(facts_.keys_gathered, 52u);
  EXPECT_EQ(facts_.events_read, 0u);
  for (int i = 0; i < 50; ++i) {
    const Asked again = ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
    step();
    expect_same(first[static_cast<std::size_t>(i)], again);
  }
}

TEST_F(KeysElsewhere, ThatKnowMoreThanTheLogAreAFault) {
  take_over_elsewhere();
  open_occasion(1000);
  for (int i = 0; i < 50; ++i) {
    ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
    step();
  }
  stop();
  store_ = event_log::make_memory_store(kPartitions);  // the log was put back from a backup
  start();
  open_occasion(1000);
  take_over_elsewhere();
  EXPECT_FALSE(processor_->status().ready);
  EXPECT_FALSE(processor_->status().retry_helps);
  EXPECT_THAT(processor_->status().reason,
              HasSubstr("the idempotency keys know what happened up to"));
}

}  // namespace
}  // namespace boxoffice::processor
