#include <atomic>

#include "tests/projections/read_models_fixture.hpp"

namespace boxoffice::projections {
namespace {

using namespace schema;

class Rebuilding : public ReadModelsTest {
 protected:
  std::filesystem::path rows() const { return directory_.path() / "projections"; }

  /// The files as a crash at this moment would leave them.
  std::unique_ptr<ReadModels> opened_from_a_copy() {
    const std::filesystem::path copy = directory_.path() / "copy";
    std::filesystem::copy(rows(), copy, std::filesystem::copy_options::recursive);
    auto opened = ReadModels::open(copy, history_.log());
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
};

TEST_F(Rebuilding, FindsTheLiveRowsAsTheyAre) {
  RandomBoxOffice(history_, 1).go_on(300);
  apply_all();
  expect_as_rebuilt();
}

TEST_F(Rebuilding, HasTheSameHashEachTime) {
  RandomBoxOffice(history_, 2).go_on(100);
  apply_all();
  for (const std::string& model : models().models()) {
    const auto first = models().rebuild(model, false);
    const auto second = models().rebuild(model, true);
    ASSERT_TRUE(first && second);
    EXPECT_GT(first->census.rows, 0u) << model;
    EXPECT_EQ(first->census, second->census) << model;
    EXPECT_FALSE(first->swapped);
    EXPECT_TRUE(second->swapped);
  }
  expect_as_rebuilt();
}

TEST_F(Rebuilding, TellsWhereRowsDifferFromHistory) {
  RandomBoxOffice(history_, 3).go_on(100);
  apply_all();
  stop();
  {
    const TableName names[] = {
        {"occasions", 1}, {"availability", 1}, {"claims", 1}, {"keys", 1}, {"audit", 2}};
    auto store = Store::open(rows(), names).value();
    Chunk chunk;
    chunk.put(*store->live("claims"), "\x01no claim of ours", "row");
    ASSERT_TRUE(store->commit(chunk));
    ASSERT_TRUE(store->flush());
  }
  const auto report = models().diff("claims");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->same());
  EXPECT_EQ(report->differing_rows, 1u);
  EXPECT_EQ(report->live.rows, report->rebuilt.rows + 1);
  EXPECT_EQ(report->first_differing.size(), 1u);

  ASSERT_TRUE(models().rebuild("claims", true));
  expect_as_rebuilt();
}

TEST_F(Rebuilding, EndsEarlyWhereItIsStopped) {
  RandomBoxOffice(history_, 4).go_on(100);
  apply_all();
  std::stop_source stop;
  EXPECT_TRUE(models().rebuild("claims", false, stop.get_token()));
  stop.request_stop();
  const auto stopped = models().rebuild("claims", true, stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_NE(stopped.error().message.find("stopped"), std::string::npos);
  EXPECT_FALSE(models().diff("claims", stop.get_token()));
  expect_as_rebuilt();
}

TEST_F(Rebuilding, DoesNotCountRowsToTheEndWhereItIsStopped) {
  RandomBoxOffice(history_, 4).go_on(100);
  apply_all();
  stop();
  const TableName names[] = {
      {"occasions", 1}, {"availability", 1}, {"claims", 1}, {"keys", 1}, {"audit", 2}};
  auto store = Store::open(rows(), names).value();
  const auto table = store->live("claims");
  std::stop_source stop;
  EXPECT_GT(census_of(*table, nullptr, stop.get_token()).value().rows, 0u);
  EXPECT_TRUE(compare(*table, *table, nullptr, stop.get_token()).value().same());
  stop.request_stop();
  for (const auto& error : {census_of(*table, nullptr, stop.get_token()).error(),
                            compare(*table, *table, nullptr, stop.get_token()).error()})
    EXPECT_NE(error.message.find("stopped"), std::string::npos) << error.message;
}

TEST_F(Rebuilding, KnowsItsModels) {
  EXPECT_FALSE(models().rebuild("weather", false));
  EXPECT_FALSE(models().diff("weather"));
}

TEST_F(Rebuilding, OfAModelWhoseVersionChangedIsDoneAtTheNextStart) {
  RandomBoxOffice(history_, 4).go_on(100);
  apply_all();
  stop();
  {
    const TableName names[] = {
        {"occasions", 1}, {"availability", 1}, {"claims", 2}, {"keys", 1}, {"audit", 2}};
    auto store = Store::open(rows(), names).value();
    const std::vector<Sequence> nowhere(4);
    EXPECT_EQ(store->live("claims")->positions(4).value(), nowhere);
    EXPECT_NE(store->live("keys")->positions(4).value(), nowhere);
  }
  open();
  EXPECT_FALSE(models().ready());
  apply_all();
  EXPECT_TRUE(models().ready());
  expect_as_rebuilt();
}

// A crash may leave models at different places, so the one that is furthest behind cannot tell.
TEST_F(Rebuilding, IsAskedForWhereOneModelAloneKnowsMoreThanTheLog) {
  RandomBoxOffice(history_, 4).go_on(100);
  apply_all();
  stop();
  const Position beyond{{1}, history_.log().end({1}).next()};
  {
    const TableName names[] = {
        {"occasions", 1}, {"availability", 1}, {"claims", 1}, {"keys", 1}, {"audit", 2}};
    auto store = Store::open(rows(), names).value();
    Chunk chunk;
    chunk.put_position(*store->live("claims"), beyond);
    ASSERT_TRUE(store->commit(chunk));
    ASSERT_TRUE(store->flush());
  }
  const auto opened = ReadModels::open(rows(), history_.log());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, StoreErrorKind::corrupt);
  EXPECT_NE(opened.error().message.find("have seen " + to_text(beyond)), std::string::npos)
      << opened.error().message;
}

TEST_F(Rebuilding, IsNotNeededAfterACrash) {
  RandomBoxOffice office(history_, 5);
  office.go_on(100);
  apply_all();
  stop();  // flushed so far
  office.go_on(100);
  apply_all();
  auto crashed = opened_from_a_copy();
  EXPECT_FALSE(crashed->ready()) << "what was not flushed is gone";
  ASSERT_TRUE(crashed->apply_all());
  EXPECT_TRUE(crashed->ready());
  for (const std::string& model : crashed->models())
    EXPECT_EQ(crashed->diff(model)->live, models().diff(model)->rebuilt) << model;
}

TEST_F(Rebuilding, ThatACrashCutOffLeavesTheLiveRows) {
  RandomBoxOffice(history_, 6).go_on(50);
  apply_all();
  stop();
  {
    const TableName names[] = {
        {"occasions", 1}, {"availability", 1}, {"claims", 1}, {"keys", 1}, {"audit", 2}};
    auto store = Store::open(rows(), names).value();
    auto beside = store->make_beside("claims").value();
    Chunk chunk;
    chunk.put(*beside, "\x01half", "done");
    ASSERT_TRUE(store->commit(chunk));
    ASSERT_TRUE(store->flush());
  }
  EXPECT_TRUE(models().ready());
  expect_as_rebuilt();
}

TEST_F(Rebuilding, SurvivesARestartOnceSwappedIn) {
  RandomBoxOffice office(history_, 7);
  office.go_on(50);
  apply_all();
  for (const std::string& model : models().models()) ASSERT_TRUE(models().rebuild(model, true));
  for (const std::string& model : models().models()) ASSERT_TRUE(models().rebuild(model, true));
  stop();
  EXPECT_TRUE(models().ready());
  office.go_on(50);
  apply_all();
  expect_as_rebuilt();
}

TEST_F(Rebuilding, SwapsInWhileTheModelsAreWrittenAndRead) {
  start();
  history_.happens(occasion_created(0, {{"main", 100'000}}));
  ASSERT_TRUE(reach(models(), history_.ends()));
  const Position seen = history_.happens(ticket_claimed(0, 1'000'000, {0, 90'000}));
  ASSERT_TRUE(reach(models(), {seen}));

  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      EXPECT_TRUE(models().occasion(id<OccasionId>(0)));
      EXPECT_GE(models().availability(id<OccasionId>(0))->position, seen);
      EXPECT_TRUE(models().claim(id<OccasionId>(0), id<ClaimId>(1'000'000)).value());
      EXPECT_EQ(
          models().audit({.person = id<PersonId>(1'000'000)}, {}, 1).value().items.at(0).position,
          seen);
    }
  });
  std::thread writer([&] { RandomBoxOffice(history_, 8).go_on(500); });
  for (int round = 0; round < 2; ++round)
    for (const std::string& model : models().models()) {
      const auto rebuilt = models().rebuild(model, true);
      EXPECT_TRUE(rebuilt) << rebuilt.error().message;
    }
  writer.join();
  EXPECT_TRUE(reach(models(), history_.ends()));
  done = true;
  reader.join();
  expect_as_rebuilt();
}

}  // namespace
}  // namespace boxoffice::projections
