// A disk that fails under the read models: they keep what they have, say so, and go on by
// themselves once it works.

#include "tests/projections/read_models_fixture.hpp"
#include "tests/sick_disk.hpp"

namespace boxoffice::projections {
namespace {

using namespace schema;

class ModelsOnABadDisk : public ReadModelsTest {
 protected:
  void start() { ReadModelsTest::start(settings_); }

  /// Writes until a flush has failed.
  void go_on_until_trouble() {
    while (!models().trouble()) office_.go_on(1);
  }

  const ReadModelsSettings settings_{.store = {.flush_bytes = 10'000},
                                     .runner = {.retry_after = 1ms}};
  RandomBoxOffice office_{history_, 1};
};

TEST_F(ModelsOnABadDisk, AreReadAndSayWhatIsTheMatter) {
  start();
  history_.happens(occasion_created(7));
  const Position claimed = history_.happens(ticket_claimed(7, 1'000'000, {0, 1}));
  ASSERT_TRUE(reach(models(), {claimed}));
  const SickDisk sick;
  go_on_until_trouble();
  EXPECT_NE(models().trouble()->find("File too large"), std::string::npos) << *models().trouble();
  EXPECT_TRUE(models().reached(claimed));
  EXPECT_TRUE(models().claim(id<OccasionId>(7), id<ClaimId>(1'000'000)).value());
}

TEST_F(ModelsOnABadDisk, GoOnByThemselvesOnceItWorks) {
  start();
  for (int again = 0; again < 2; ++again) {
    {
      const SickDisk sick;
      go_on_until_trouble();
      office_.go_on(100);
    }
    ASSERT_TRUE(reach(models(), history_.ends()));
    while (models().trouble()) std::this_thread::yield();
  }
  expect_as_rebuilt();
  stop();
  EXPECT_TRUE(models().ready()) << "nothing has to be applied again";
  expect_as_rebuilt();
}

TEST_F(ModelsOnABadDisk, CanBeStopped) {
  start();
  {
    const SickDisk sick;
    go_on_until_trouble();
    office_.go_on(100);
    EXPECT_FALSE(models().stop());
    crash();
  }
  start();
  EXPECT_TRUE(reach(models(), history_.ends()));
  expect_as_rebuilt();
}

TEST_F(ModelsOnABadDisk, AreRebuiltNextTime) {
  office_.go_on(500);
  open(settings_);
  apply_all();
  {
    const SickDisk sick;
    const auto rebuilt = models().rebuild("audit", true);
    ASSERT_FALSE(rebuilt);
    EXPECT_EQ(rebuilt.error().kind, StoreErrorKind::unavailable);
  }
  while (models().trouble()) std::this_thread::yield();
  EXPECT_TRUE(models().rebuild("audit", true));
  expect_as_rebuilt();
}

}  // namespace
}  // namespace boxoffice::projections
