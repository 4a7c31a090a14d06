#include "app/serve/ready_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "app/settings/settings.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::app {
namespace {

namespace fs = std::filesystem;

class ReadyFileTest : public testing::Test {
 protected:
  std::string content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const TemporaryDirectory directory_;
  const fs::path path_ = directory_.path() / "ready.json";
};

TEST_F(ReadyFileTest, IsThereWhileTheProcessIsReady) {
  std::ofstream(path_) << "of a crash";
  {
    ReadyFile file(path_);
    EXPECT_FALSE(fs::exists(path_)) << "that was another process";
    file.follow(false, "127.0.0.1:8080");
    EXPECT_FALSE(fs::exists(path_));
    file.follow(true, "127.0.0.1:8080");
    EXPECT_EQ(content(), "{\"listen\":\"127.0.0.1:8080\"}\n");
    file.follow(false, "127.0.0.1:8080");
    EXPECT_FALSE(fs::exists(path_));
    file.follow(true, "");
    EXPECT_EQ(content(), "{}\n") << "nothing listens";
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(ReadyFileTest, IsRefusedAtOnceWhereItCannotBeWritten) {
  EXPECT_THROW(ReadyFile(directory_.path() / "missing/ready.json"), WrongSetting);
  fs::create_directories(path_ / "of files");
  EXPECT_THROW(ReadyFile{path_}, WrongSetting) << "a directory stands there";
  EXPECT_TRUE(fs::exists(path_ / "of files"));
}

TEST_F(ReadyFileTest, LeavesNothingThereOfHavingTried) {
  const ReadyFile file(path_);
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(ReadyFileTest, IsTriedAgainWhereItCouldBeWrittenBefore) {
  const fs::path place = directory_.path() / "place", gone = directory_.path() / "gone";
  fs::create_directory(place);
  ReadyFile file(place / "ready.json");
  file.follow(true, "");
  file.follow(false, "");
  fs::rename(place, gone);
  EXPECT_NO_THROW(file.follow(true, "")) << "the service can do its work";
  fs::rename(gone, place);
  file.follow(true, "");
  EXPECT_TRUE(fs::exists(place / "ready.json"));
}

TEST(ReadyFileOfNobody, IsNowhere) {
  ReadyFile file(std::nullopt);
  EXPECT_NO_THROW(file.follow(true, ""));
}

}  // namespace
}  // namespace boxoffice::app
