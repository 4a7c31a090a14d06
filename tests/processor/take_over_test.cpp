// The state comes from the log; snapshots only make it quicker.

#include <fstream>

#include "commands/processor/recovery.hpp"
#include "event-log/embedded/embedded_log.hpp"
#include "event-log/memory/memory_store.hpp"
#include "tests/processor/processor_test.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::processor {
namespace {

class TakeOver : public ProcessorTest {
 protected:
  TakeOver() {
    settings_.snapshot_events = 10;
    start();
    open_occasion(1000, 10min);
    for (int i = 0; i < 45; ++i) {
      ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
      if (i % 3 == 0) ask("r" + std::to_string(i), release("k" + std::to_string(i)));
      if (i % 4 == 0) ask("c" + std::to_string(i), confirm("k" + std::to_string(i)));
      now_ += 1s;
      step();
    }
  }

  /// What the state says next, which depends on all that it holds.
  std::vector<std::string> what_follows() {
    stop();
    auto fork = event_log::make_memory_store(kPartitions);
    for (std::size_t i = 0; i < kPartitions; ++i) fork->kept[i].events = store_->kept[i].events;
    for (std::size_t i = 0; i < kPartitions; ++i) fork->kept[i].visible = store_->kept[i].visible;
    const auto ours = std::exchange(store_, fork);
    const auto our_snapshots = snapshots_.frames;
    const Instant then = now_;
    start();
    const auto before = history().size();
    for (int i = 0; i < 20; ++i) ask_claim("f" + std::to_string(i), "p" + std::to_string(i * 3));
    step();
    now_ += 20min;
    step_until_idle();
    auto followed = history();
    followed.erase(followed.begin(), followed.begin() + static_cast<std::ptrdiff_t>(before));
    EXPECT_FALSE(followed.empty());
    stop();
    store_ = ours;
    snapshots_.frames = our_snapshots;
    now_ = then;
    return followed;
  }

  void restart_with_snapshots_by_time_alone() {
    stop();
    settings_.snapshot_events = 1'000'000;
    snapshots_.frames.clear();
    start();
  }

  event_log::KeptPartition& kept() { return store_->kept[partition().value]; }

  void expect_refused(std::string_view reason) {
    restart();
    expect_not_ready(reason);
  }

  void expect_not_ready(std::string_view reason) {
    step();
    EXPECT_FALSE(processor_->status().ready);
    EXPECT_THAT(processor_->status().reason, testing::HasSubstr(reason));
  }
};

TEST_F(TakeOver, FromASnapshotIsTheSameAsFromTheBeginning) {
  ASSERT_EQ(snapshots_.frames.size(), 2u) << "the last two are kept";
  const auto with = what_follows();
  snapshots_.frames.clear();
  EXPECT_EQ(what_follows(), with);
}

TEST_F(TakeOver, IgnoresADamagedSnapshot) {
  const auto good = what_follows();
  auto& newest = snapshots_.frames.rbegin()->second;
  newest[newest.size() / 2] ^= 1;
  EXPECT_EQ(what_follows(), good) << "the older one serves";
  for (auto& [position, frame] : snapshots_.frames) frame.resize(frame.size() / 2);
  EXPECT_EQ(what_follows(), good) << "the log serves";
}

TEST_F(TakeOver, IgnoresASnapshotOfAnotherHistory) {
  const auto good = what_follows();
  auto foreign = unframed(snapshots_.frames.rbegin()->second)->head;
  foreign.hash.bytes[0] ^= 1;
  const auto older = unframed(snapshots_.frames.begin()->second)->state;
  snapshots_.frames[foreign.position] = framed(foreign, older);
  EXPECT_EQ(what_follows(), good);
}

TEST_F(TakeOver, IsRefusedWhereASnapshotKnowsMoreThanTheLog) {
  stop();
  auto ahead = *unframed(snapshots_.frames.rbegin()->second);
  ahead.head.position.sequence.value += 1000;
  snapshots_.frames[ahead.head.position] = framed(ahead.head, ahead.state);
  expect_refused("the snapshots know what happened up to " + schema::to_text(ahead.head.position));
  EXPECT_FALSE(processor_->status().retry_helps);
}

TEST_F(TakeOver, GoesOnWhenSnapshotsCannotBeKept) {
  snapshots_.full = true;
  for (int i = 100; i < 120; ++i) ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
  step();
  EXPECT_EQ(processor_->stats().snapshots_failed, 1u);
  EXPECT_TRUE(processor_->status().ready);
}

TEST_F(TakeOver, SnapshotsWhatChangedAfterSomeTime) {
  restart_with_snapshots_by_time_alone();
  ask_claim("k100", "p100");
  step();
  EXPECT_TRUE(snapshots_.frames.empty());
  now_ += settings_.snapshot_interval;
  step();
  EXPECT_EQ(snapshots_.frames.size(), 1u);
}

TEST_F(TakeOver, IsGivenUpByWhoEnds) {
  MemorySnapshots none;
  int asked = 0;
  const auto is_given_up = [&asked] { return ++asked == 2; };  // in the midst of it
  keys_->restart();
  const auto recovered = recover(*log_, partition(), *keys_, none, settings_, now_, is_given_up);
  ASSERT_FALSE(recovered);
  EXPECT_TRUE(recovered.error().retry_helps);

  restart();
  processor_->end();
  const Asked asked_meanwhile = ask_claim("k100", "p100");
  step();
  EXPECT_TRUE(is<Unavailable>(asked_meanwhile));
  EXPECT_EQ(processor_->stats().take_overs, 0u);
}

TEST_F(TakeOver, TriesASnapshotAgainThatWasNotKept) {
  restart_with_snapshots_by_time_alone();
  ask_claim("k100", "p100");
  snapshots_.full = true;
  now_ += settings_.snapshot_interval;
  step();
  now_ += settings_.snapshot_interval;
  step();
  step();
  EXPECT_EQ(processor_->stats().snapshots_failed, 1u) << "not at once";
  snapshots_.full = false;
  now_ += settings_.snapshot_interval;
  step();
  EXPECT_EQ(snapshots_.frames.size(), 1u) << "though nothing has changed since";
}

TEST_F(TakeOver, RefusesAnAlteredEvent) {
  stop();
  snapshots_.frames.clear();
  std::string& bytes = kept().events[20].bytes;
  const auto pool = bytes.find("\"main\"");
  ASSERT_NE(pool, std::string::npos);
  bytes[pool + 1] = 'p';
  expect_refused(schema::to_text(schema::Position{partition(), {22}}));
}

TEST_F(TakeOver, RefusesALostEvent) {
  stop();
  snapshots_.frames.clear();
  kept().events.erase(kept().events.begin() + 20);
  kept().visible -= 1;
  expect_refused(schema::to_text(schema::Position{partition(), {21}}));
}

TEST_F(TakeOver, RefusesAnEventThatCannotBeRead) {
  stop();
  snapshots_.frames.clear();
  kept().events[20].bytes[0] = '[';
  expect_refused(schema::to_text(schema::Position{partition(), {21}}));
}

TEST_F(TakeOver, NeverLetsTimeGoBack) {
  const Instant then = now_;
  now_ -= 24h;
  restart();
  auto early = submission(occasion(), "new", claim("new", "somebody new"), then);
  const Asked asked = ask(std::move(early));
  step();
  EXPECT_EQ(outcome_of(asked).deciding_event().envelope.time, then);
}

TEST_F(TakeOver, FencesNobodyWhoHasTheBetterRight) {
  may_take_over_ = [] { return std::unexpected("it is another's"); };
  restart();
  const std::vector all{schema::Partition{0}, schema::Partition{1}, schema::Partition{2},
                        schema::Partition{3}};
  const auto other = log_->take_over(all);
  expect_not_ready("it is another's");
  auto key = std::make_shared<Batch>();
  key->keys.push_back({{0}, "person/x", "wrapped"});
  EXPECT_TRUE((*other)->append(key).has_value());
}

class TakeOverOfADirectory : public ProcessorTest {
 protected:
  void begin() {
    log_ = std::move(*event_log::open_embedded(
        {.directory = directory_.path(), .partitions = kPartitions, .segment_bytes = 16u << 10}));
    keys_ = std::make_unique<MemoryKeys>(key_settings_);
    processor_ = std::make_unique<Processor>(
        settings_, Surroundings{*log_, *keys_, snapshots_, background_}, std::vector{partition()});
  }

  /// A segment whose index is sealed is not looked at when the log is opened.
  void damage_sealed_segment() {
    ASSERT_TRUE(std::filesystem::exists(directory_.path() / "log" / "00000001.index"));
    std::fstream segment(directory_.path() / "log" / "00000001.log",
                         std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(8000);
    segment.write("damaged", 7);
  }

  const TemporaryDirectory directory_;
};

TEST_F(TakeOverOfADirectory, ThatIsDamagedIsTriedInVain) {
  begin();
  open_occasion(1000);
  for (int i = 0; i < 30; ++i) {
    ask_claim("k" + std::to_string(i), "p" + std::to_string(i));
    step();
  }
  stop();
  damage_sealed_segment();
  begin();
  step();
  EXPECT_FALSE(processor_->status().ready);
  EXPECT_THAT(processor_->status().reason, testing::HasSubstr("00000001.log is damaged"));
  EXPECT_FALSE(processor_->status().retry_helps);
}

TEST_F(TakeOver, EndsBehindTheFenceWhereAnotherCameMeanwhile) {
  int asked = 0;
  may_take_over_ = [&]() -> std::expected<void, std::string> {
    if (++asked == 1) return {};
    return std::unexpected("it is another's by now");
  };
  const auto before = history();
  restart();
  const Asked late = ask_claim("late", "late");
  expect_not_ready("it is another's by now");
  EXPECT_TRUE(is<Unavailable>(late));
  EXPECT_EQ(history(), before);
}

TEST_F(TakeOver, TakesItsSuccessorsSnapshotForNoDamage) {
  int asked = 0;
  may_take_over_ = [&]() -> std::expected<void, std::string> {
    if (++asked <= 2) return {};
    return std::unexpected("it is another's by now");
  };
  // Of events that came when the log had been looked at.
  snapshots_.keep({partition(), {store_->end(partition()).value + 5}}, "the successor's");
  restart();
  expect_not_ready("it is another's by now");
  EXPECT_TRUE(processor_->status().retry_helps);
}

}  // namespace
}  // namespace boxoffice::processor
