#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event-log/embedded/open.hpp"
#include "tests/log/faulty_files.hpp"
#include "tests/log/history.hpp"
#include "tests/temporary_directory.hpp"

// A full disk and I/O errors: whatever fails, and when, what was acknowledged is there, and what
// was refused is not, now and after a restart; and the log goes on by itself when the disk does.
namespace boxoffice::event_log::testing {
namespace {

constexpr Partition kPartition{1};

class EmbeddedLogOnABadDisk : public ::testing::TestWithParam<Failure> {
 protected:
  EmbeddedSettings settings() const {
    return {.directory = directory_->path(), .partitions = 2, .segment_bytes = 4096};
  }

  void start_anew() {
    close();
    directory_ = std::make_unique<TemporaryDirectory>();
    files_.heal();
    open();
    history_ = std::make_unique<History>(*log_);
  }

  void open() {
    auto opened = embedded::open(settings(), files_);
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
    writer_ = writer_of(*log_, {1});
  }

  void close() {
    writer_.reset();
    log_.reset();
  }

  /// Whether a batch could be appended; the history then includes it.
  bool append() {
    History with = *history_;
    const auto done = writer_->append(with.next_batch(kPartition, 3));
    if (!done) {
      EXPECT_EQ(done.error().kind, LogErrorKind::unavailable);
      return false;
    }
    *history_ = std::move(with);
    return true;
  }

  FaultyFiles files_;
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<History> history_;
};

TEST_P(EmbeddedLogOnABadDisk, KeepsWhatItAcknowledgedAndNothingElseWhicheverOperationFails) {
  for (const std::uint64_t count : {1, 5}) {
    for (std::uint64_t operation = 0;; ++operation) {
      SCOPED_TRACE("operations " + std::to_string(operation) + " to " +
                   std::to_string(operation + count - 1));
      start_anew();
      files_.fail(operation, count, GetParam());
      for (int i = 0; i < 10; ++i) (void)append();
      const bool failed = files_.has_failed();
      files_.heal();
      ASSERT_TRUE(append());
      expect_holds(*log_, *history_, kPartition);
      close();
      open();
      expect_holds(*log_, *history_, kPartition);
      ASSERT_TRUE(append());
      expect_holds(*log_, *history_, kPartition);
      if (HasFailure()) return;
      if (!failed) break;
    }
  }
}

TEST_P(EmbeddedLogOnABadDisk, DoesNotResurrectAFailedBatchAfterACrash) {
  for (std::uint64_t operation = 0;; ++operation) {
    SCOPED_TRACE("operation " + std::to_string(operation));
    start_anew();
    files_.fail(operation, 1, GetParam());
    bool refused = false;
    for (int i = 0; i < 10 && !refused; ++i) refused = !append();
    const bool failed = files_.has_failed();
    files_.heal();
    close();
    open();
    expect_holds(*log_, *history_, kPartition);
    if (HasFailure() || !failed) return;
  }
}

TEST_P(EmbeddedLogOnABadDisk, RefusesUntilTheDiskIsBackAndThenGoesOn) {
  start_anew();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append());
  files_.break_down(GetParam());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(append());
  EXPECT_EQ(log_->end(kPartition), history_->end(kPartition));
  files_.heal();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append());
  expect_holds(*log_, *history_, kPartition);
  close();
  open();
  expect_holds(*log_, *history_, kPartition);
}

TEST_P(EmbeddedLogOnABadDisk, IsNotTakenOverBeforeWhatFailedIsMended) {
  start_anew();
  ASSERT_TRUE(append());
  files_.break_down(GetParam());
  bool refused = false;
  for (int i = 0; i < 100 && !refused; ++i) refused = !append();
  ASSERT_TRUE(refused);
  const std::vector<Partition> partitions{kPartition};
  const auto early = log_->take_over(partitions);
  ASSERT_FALSE(early) << "who took it over would believe that it can work";
  EXPECT_EQ(early.error().kind, LogErrorKind::unavailable);
  files_.heal();
  auto writer = log_->take_over(partitions);
  ASSERT_TRUE(writer) << writer.error().message;
  writer_ = std::move(*writer);
  ASSERT_TRUE(append());
  expect_holds(*log_, *history_, kPartition);
}

TEST_P(EmbeddedLogOnABadDisk, OpensOrSaysWhyWhicheverOperationFails) {
  start_anew();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(append());
  close();
  for (std::uint64_t operation = 0;; ++operation) {
    SCOPED_TRACE("operation " + std::to_string(operation));
    files_.fail(operation, 1, GetParam());
    {
      const auto opened = embedded::open(settings(), files_);
      if (!opened) {
        EXPECT_FALSE(opened.error().message.empty());
      }
    }
    const bool failed = files_.has_failed();
    files_.heal();
    open();
    expect_holds(*log_, *history_, kPartition);
    close();
    if (HasFailure() || !failed) return;
  }
}

TEST_P(EmbeddedLogOnABadDisk, MakesANewLogOrSaysWhyWhicheverOperationFails) {
  for (std::uint64_t operation = 0;; ++operation) {
    SCOPED_TRACE("operation " + std::to_string(operation));
    directory_ = std::make_unique<TemporaryDirectory>();
    files_.fail(operation, 1, GetParam());
    (void)embedded::open(settings(), files_);
    const bool failed = files_.has_failed();
    files_.heal();
    open();
    history_ = std::make_unique<History>(*log_);
    ASSERT_TRUE(append());
    close();
    if (HasFailure() || !failed) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, EmbeddedLogOnABadDisk,
                         ::testing::Values(Failure::without_effect, Failure::half_done,
                                           Failure::after_effect),
                         [](const auto& info) -> std::string {
                           switch (info.param) {
                             case Failure::without_effect:
                               return "WithoutEffect";
                             case Failure::half_done:
                               return "HalfDone";
                             case Failure::after_effect:
                               return "AfterEffect";
                           }
                           return "";
                         });

}  // namespace
}  // namespace boxoffice::event_log::testing
