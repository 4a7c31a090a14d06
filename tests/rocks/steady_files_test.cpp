// What is deleted goes away piece by piece, and nothing else does.

#include "rocks/steady_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/temporary_directory.hpp"

namespace boxoffice::rocks {
namespace {

namespace fs = std::filesystem;

class SteadyFiles : public ::testing::Test {
 protected:
  static constexpr std::size_t kBytes = (5u << 20) + 17;

  SteadyFiles() { std::ofstream(file_) << std::string(kBytes, 'x'); }

  rocksdb::IOStatus remove(const fs::path& path) {
    return steady_files()->DeleteFile(path.string(), {}, nullptr);
  }

  const TemporaryDirectory directory_;
  const fs::path file_ = directory_.path() / "000001.sst";
};

TEST_F(SteadyFiles, AreCutPieceByPieceBeforeTheyAreDeleted) {
  const int descriptor = ::open(file_.c_str(), O_RDONLY);
  ASSERT_GE(descriptor, 0);
  EXPECT_TRUE(remove(file_).ok());
  EXPECT_FALSE(fs::exists(file_));
  struct stat left {};
  ASSERT_EQ(::fstat(descriptor, &left), 0);
  EXPECT_LE(left.st_size, 1 << 20);
  ::close(descriptor);
}

TEST_F(SteadyFiles, AreLeftWholeUnderAnotherName) {
  const fs::path other = directory_.path() / "checkpoint.sst";
  fs::create_hard_link(file_, other);
  EXPECT_TRUE(remove(file_).ok());
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_EQ(fs::file_size(other), kBytes);
}

TEST_F(SteadyFiles, ThatAreNotThereAreMissed) {
  EXPECT_TRUE(remove(directory_.path() / "none.sst").IsPathNotFound());
}

}  // namespace
}  // namespace boxoffice::rocks
