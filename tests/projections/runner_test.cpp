#include <atomic>

#include "event-log/memory/memory_log.hpp"
#include "tests/projections/read_models_fixture.hpp"

namespace boxoffice::projections {
namespace {

using namespace schema;

class RunningModels : public ReadModelsTest {};

TEST_F(RunningModels, FollowTheLog) {
  start();
  history_.happens(occasion_created(1));
  const Position claimed = history_.happens(ticket_claimed(1, 1, {0, 1}));
  ASSERT_TRUE(reach(models(), {claimed}));
  EXPECT_TRUE(models().reached(claimed));
  EXPECT_EQ(models().availability(id<OccasionId>(1))->position, claimed);
  EXPECT_EQ(models().claim(id<OccasionId>(1), id<ClaimId>(1)).value()->state, ClaimState::held);
  EXPECT_EQ(models().audit({}, {}, 50).value().items.size(), 2u);
}

TEST_F(RunningModels, ReadWhatWasThereBeforeThem) {
  RandomBoxOffice(history_, 1).go_on(200);
  start();
  ASSERT_TRUE(reach(models(), history_.ends()));
  EXPECT_TRUE(models().ready());
  EXPECT_EQ(models().lag(), 0ms);
  expect_as_rebuilt();
}

TEST_F(RunningModels, ArePositionedByEventsThatTheyIgnore) {
  start();
  const Position ignored = history_.happens(
      {to_text(id<KeyId>(1)), KeyUseRefused{.refusal = KeyRefusal::unknown_key}, "anonymous"});
  EXPECT_TRUE(reach(models(), {ignored}));
}

TEST_F(RunningModels, LetTheirOwnWritesBeReadInARace) {
  start();
  history_.happens(occasion_created(1, {{"main", 1000}}));
  for (std::uint32_t claim = 1; claim <= 300; ++claim) {
    const Position claimed = history_.happens(ticket_claimed(1, claim, {0, claim}));
    ASSERT_TRUE(reach(models(), {claimed}));
    const auto view = models().claim(id<OccasionId>(1), id<ClaimId>(claim)).value();
    ASSERT_TRUE(view);
    EXPECT_GE(models().availability(id<OccasionId>(1))->position, claimed);
  }
}

TEST_F(RunningModels, LetWhoeverWaitsWaitForNoMoreToCome) {
  start({.runner = {.chunks_apart = 1h}});
  history_.happens(occasion_created(1, {{"main", 1000}}));
  for (std::uint32_t claim = 1; claim <= 20; ++claim)
    ASSERT_TRUE(reach(models(), {history_.happens(ticket_claimed(1, claim, {0, claim}))}));
}

TEST_F(RunningModels, SayAtTheDeadlineThatTheyAreNotThere) {
  start();
  EXPECT_FALSE(reach(models(), {{{0}, {5}}}, 20ms));
}

TEST_F(RunningModels, LoseNothingWhenTheInboxOverflows) {
  start({.runner = {.inbox_events_max = 8}});
  RandomBoxOffice office(history_, 2);
  office.go_on(500);
  ASSERT_TRUE(reach(models(), history_.ends()));
  EXPECT_EQ(models().lag(), 0ms);
  expect_as_rebuilt();
  const Position after = history_.happens(claim_refused(0, 1));
  EXPECT_TRUE(reach(models(), {after}));
}

TEST_F(RunningModels, HaveNothingToDoAgainAfterACleanStop) {
  RandomBoxOffice(history_, 3).go_on(100);
  start();
  ASSERT_TRUE(reach(models(), history_.ends()));
  stop();
  open();
  EXPECT_TRUE(models().ready());
  for (const Position end : history_.ends()) EXPECT_TRUE(models().reached(end));
}

TEST_F(RunningModels, ShowAGrowingLagWhileNobodyAppliesAnything) {
  open();
  EXPECT_EQ(models().lag(), 0ms);
  history_.happens(occasion_created(1));
  EXPECT_FALSE(models().reached(history_.ends()[0]) && models().reached(history_.ends()[1]) &&
               models().reached(history_.ends()[2]) && models().reached(history_.ends()[3]));
  const auto first = models().lag();
  while (models().lag() <= first) std::this_thread::yield();
  apply_all();
  EXPECT_EQ(models().lag(), 0ms);
}

class FailingLog : public ::testing::Test {
 protected:
  std::shared_ptr<std::atomic<bool>> fails_ = std::make_shared<std::atomic<bool>>(true);
  TemporaryDirectory directory_;
};

TEST_F(FailingLog, StopsTheModelsUntilItIsReadableAgainAndIsNoSecret) {
  History history(4, {.read_fails = [fails = fails_] { return fails->load(); }});
  RandomBoxOffice(history, 4).go_on(50);
  auto models =
      ReadModels::open(directory_.path(), history.log(), {.runner = {.retry_after = 1ms}});
  ASSERT_TRUE(models) << models.error().message;
  (*models)->start();
  while (!(*models)->trouble()) std::this_thread::yield();
  EXPECT_FALSE((*models)->ready());
  const auto lag = (*models)->lag();
  while ((*models)->lag() <= lag) std::this_thread::yield();

  *fails_ = false;
  EXPECT_TRUE(reach(**models, history.ends()));
  EXPECT_TRUE((*models)->ready());
  EXPECT_FALSE((*models)->trouble());
}

/// A log whose appends take the course that a test says.
class WaywardLog : public ::testing::Test {
 protected:
  void open() {
    auto opened =
        ReadModels::open(directory_.path(), history_.log(), {.runner = {.retry_after = 1ms}});
    ASSERT_TRUE(opened) << opened.error().message;
    models_ = std::move(*opened);
  }

  std::atomic<event_log::AppendFate> fate_ = event_log::AppendFate::committed;
  History history_{1, {.append = [this](const event_log::Batch&) { return fate_.load(); }}};
  TemporaryDirectory directory_;
  std::unique_ptr<ReadModels> models_;
};

TEST_F(WaywardLog, MakesTheModelsWaitForWhatItDoesNotShowYet) {
  history_.happens(occasion_created(1));
  fate_ = event_log::AppendFate::hidden;
  history_.happens(ticket_claimed(1, 1, {0, 1}));
  open();
  models_->follow();
  const Position last = history_.happens(ticket_claimed(1, 2, {0, 2}));
  EXPECT_FALSE(models_->step()) << "what comes before is handed over by nobody";
  EXPECT_TRUE(models_->trouble());
  EXPECT_TRUE(models_->reached({{0}, {1}}));
  EXPECT_FALSE(models_->reached({{0}, {2}}));

  const Partition all[] = {{0}};
  ASSERT_TRUE(history_.log().take_over(all)) << "after which it shows everything";
  EXPECT_TRUE(models_->step());
  EXPECT_FALSE(models_->trouble());
  EXPECT_TRUE(models_->reached(last));
}

TEST_F(WaywardLog, IsReadAlsoWhereItToldNobody) {
  open();
  models_->start();
  const Position told = history_.happens(occasion_created(1));
  ASSERT_TRUE(reach(*models_, {told})) << "it has begun";
  fate_ = event_log::AppendFate::crash_after;
  EXPECT_THROW(history_.happens(ticket_claimed(1, 1, {0, 1})), event_log::Crash);
  EXPECT_TRUE(reach(*models_, history_.ends()));
}

TEST_F(RunningModels, AreReadByManyThreadsWhileTheyGoOn) {
  start();
  history_.happen({occasion_created(0, {{"main", 100'000}}), key_created(0)});
  std::atomic<bool> done = false;
  const auto adds_up = [](const std::string& body) {
    const auto number = [&](const char* name) {
      return std::stoull(body.substr(body.find(name) + std::string_view(name).size()));
    };
    return number("\"free\":") + number("\"claimed\":") + number("\"issued\":") +
               number("\"burned\":") ==
           number("\"capacity\":");
  };
  const auto read = [&] {
    Position last{};
    while (!done) {
      if (const auto view = models().availability(id<OccasionId>(0))) {
        EXPECT_TRUE(adds_up(view->body)) << view->body;
        EXPECT_GE(view->position, last);
        last = view->position;
      }
      models().key(id<KeyId>(0));
      models().occasions({}, {}, 10).value();
      models().claim(id<OccasionId>(0), id<ClaimId>(5)).value();
      models().audit({.type = "TicketClaimed"}, {}, 3).value();
      models().lag();
    }
  };
  models();
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) readers.emplace_back(read);
  RandomBoxOffice(history_, 5).go_on(500);
  EXPECT_TRUE(reach(models(), history_.ends()));
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace boxoffice::projections
