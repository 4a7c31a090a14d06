// Snapshots in a directory: the last two, whole, whatever was in the files that they are written
// over.

#include "commands/processor/snapshot_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/temporary_directory.hpp"

namespace boxoffice::processor {
namespace {

class ASnapshotDirectory : public ::testing::Test {
 protected:
  static constexpr schema::Partition kPartition{3};

  static schema::Position at(std::uint64_t sequence) { return {kPartition, {sequence}}; }

  bool save(std::uint64_t sequence, std::string_view bytes) {
    return snapshots_.save(at(sequence), [bytes](const domain::Sink& sink) { return sink(bytes); });
  }

  std::string read(std::uint64_t sequence) {
    const auto frame = snapshots_.read(at(sequence));
    return frame ? std::string(frame->bytes) : "none";
  }

  std::vector<std::uint64_t> list() {
    std::vector<std::uint64_t> list;
    for (const schema::Sequence sequence : snapshots_.list(kPartition))
      list.push_back(sequence.value);
    return list;
  }

  std::filesystem::path folder() const { return directory_.path() / "3"; }

  const TemporaryDirectory directory_;
  SnapshotDirectory snapshots_{directory_.path()};
};

using Sequences = std::vector<std::uint64_t>;

TEST_F(ASnapshotDirectory, HasTheLastTwo) {
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
    ASSERT_TRUE(save(sequence, "of " + std::to_string(sequence)));
    EXPECT_EQ(read(sequence), "of " + std::to_string(sequence));
  }
  EXPECT_EQ(list(), (Sequences{5, 4}));
  EXPECT_EQ(read(4), "of 4");
}

TEST_F(ASnapshotDirectory, EndsWhereItsSnapshotEnds) {
  const std::string large(3 << 20, 'x');
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) ASSERT_TRUE(save(sequence, large));
  ASSERT_TRUE(save(4, "small"));  // where the first was
  EXPECT_EQ(read(4), "small");
  EXPECT_EQ(read(3), large);
}

TEST_F(ASnapshotDirectory, WritesOverWhatACrashLeftHalfWritten) {
  ASSERT_TRUE(save(1, "of 1"));
  std::ofstream(folder() / "next") << "half of another that is longer";
  EXPECT_EQ(list(), (Sequences{1}));
  ASSERT_TRUE(save(2, "of 2"));
  EXPECT_EQ(read(2), "of 2");
  EXPECT_EQ(list(), (Sequences{2, 1}));
}

TEST_F(ASnapshotDirectory, HoldsNoMoreThanThreeFiles) {
  for (std::uint64_t sequence = 1; sequence <= 9; ++sequence) ASSERT_TRUE(save(sequence, "x"));
  const std::filesystem::directory_iterator files(folder());
  EXPECT_EQ(std::distance(begin(files), end(files)), 3);
}

TEST_F(ASnapshotDirectory, GivesBackTheSpaceOfOneThatWasStopped) {
  ASSERT_TRUE(save(1, "of 1"));
  EXPECT_FALSE(snapshots_.save(at(2), [](const domain::Sink& sink) {
    sink("some of it");
    return false;
  }));
  EXPECT_EQ(list(), (Sequences{1}));
  EXPECT_FALSE(std::filesystem::exists(folder() / "next"));
}

}  // namespace
}  // namespace boxoffice::processor
