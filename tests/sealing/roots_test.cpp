// The roots: given by settings, or made once and read again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "sealing/sealing.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::sealing {
namespace {

namespace fs = std::filesystem;
using ::testing::Test;

const std::string kHex(64, 'a');

class LoadRoots : public Test {
 protected:
  std::expected<Roots, std::string> load() {
    return load_roots(directory_, std::nullopt, std::nullopt);
  }
  std::string refusal() {
    const auto roots = load();
    return roots ? "was not refused" : roots.error();
  }
  void write(std::string_view name, std::string_view content, mode_t mode = 0600) {
    fs::create_directories(directory_);
    std::ofstream(directory_ / name, std::ios::binary) << content;
    ::chmod((directory_ / name).c_str(), mode);
  }
  std::string read(std::string_view name) {
    std::ostringstream text;
    text << std::ifstream(directory_ / name).rdbuf();
    return text.str();
  }

  TemporaryDirectory parent_;
  const fs::path directory_ = parent_.path() / "data";  // not there yet
};

TEST_F(LoadRoots, TakesBothFromSettingsAndMakesNoFile) {
  const auto roots = load_roots(directory_, kHex, std::string(64, 'B'));
  ASSERT_TRUE(roots) << roots.error();
  EXPECT_EQ(roots->master.bytes[0], 0xaa);
  EXPECT_EQ(roots->pepper.bytes[31], 0xbb);
  EXPECT_FALSE(fs::exists(directory_));
}

TEST_F(LoadRoots, NamesASettingThatIsNoKeyAndDoesNotShowIt) {
  for (const std::string& wrong : {std::string(), kHex.substr(1), kHex + "aa", "g" + kHex.substr(1),
                                   " " + kHex.substr(1), kHex.substr(2) + "\n\n"}) {
    const auto master = load_roots(directory_, wrong, kHex);
    ASSERT_FALSE(master) << wrong;
    EXPECT_TRUE(master.error().starts_with("master-key:")) << master.error();
    EXPECT_EQ(master.error().find("aaaa"), std::string::npos) << master.error();
    const auto pepper = load_roots(directory_, kHex, wrong);
    ASSERT_FALSE(pepper) << wrong;
    EXPECT_TRUE(pepper.error().starts_with("pepper:")) << pepper.error();
  }
}

TEST_F(LoadRoots, MakesFilesAtFirstStartAndReadsThemLater) {
  const auto first = load();
  ASSERT_TRUE(first) << first.error();
  EXPECT_NE(first->master.bytes, first->pepper.bytes);
  const auto second = load();
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(second->master.bytes, first->master.bytes);
  EXPECT_EQ(second->pepper.bytes, first->pepper.bytes);
}

TEST_F(LoadRoots, MakesFilesForItsOwnerAloneAndLeavesNoDrafts) {
  ASSERT_TRUE(load());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory_)) {
    struct stat status;
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(status.st_size, 65);
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"master.key", "pepper.key"}));
  struct stat status;
  ASSERT_EQ(::stat(directory_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(LoadRoots, MakesOnlyTheFileThatNoSettingReplaces) {
  ASSERT_TRUE(load_roots(directory_, kHex, std::nullopt));
  EXPECT_FALSE(fs::exists(directory_ / "master.key"));
  EXPECT_TRUE(fs::exists(directory_ / "pepper.key"));
}

TEST_F(LoadRoots, MakesNoOtherKeyInPlaceOfALostOne) {
  for (const std::string lost : {"master.key", "pepper.key"}) {
    const auto made = load();
    ASSERT_TRUE(made) << made.error();
    ASSERT_TRUE(check_roots(directory_, *made));
    const std::string kept = read(lost);
    fs::remove(directory_ / lost);
    EXPECT_THAT(refusal(), ::testing::AllOf(::testing::HasSubstr(lost + ": is missing"),
                                            ::testing::HasSubstr("restore it from")));
    EXPECT_FALSE(fs::exists(directory_ / lost));
    write(lost, kept);
    EXPECT_TRUE(load());
  }
}

TEST_F(LoadRoots, RefusesFilesThatOthersMayRead) {
  ASSERT_TRUE(load());
  for (const mode_t mode : {0640u, 0604u, 0644u, 0620u, 0666u}) {
    ::chmod((directory_ / "pepper.key").c_str(), mode);
    EXPECT_NE(refusal().find("pepper.key: may be read by others"), std::string::npos) << refusal();
  }
  ::chmod((directory_ / "pepper.key").c_str(), 0400);
  EXPECT_TRUE(load());
}

TEST_F(LoadRoots, NamesAFileThatHoldsNoKeyAndLeavesItAsItIs) {
  for (const std::string& wrong :
       {std::string(), kHex.substr(0, 20), kHex.substr(1) + "\n", kHex + "aa\n", kHex + "\n\n",
        "z" + kHex.substr(1), kHex + std::string(1000, 'a')}) {
    write("master.key", wrong);
    EXPECT_NE(refusal().find("master.key: must hold 64 hex digits"), std::string::npos)
        << refusal();
    EXPECT_EQ(refusal().find("aaaa"), std::string::npos);
    EXPECT_EQ(read("master.key"), wrong);
  }
}

TEST_F(LoadRoots, AcceptsAFileWithoutALineEndAndInUpperCase) {
  write("master.key", std::string(64, 'A'));
  const auto roots = load();
  ASSERT_TRUE(roots) << roots.error();
  EXPECT_EQ(roots->master.bytes[7], 0xaa);
}

TEST_F(LoadRoots, NamesWhatCannotBeRead) {
  fs::create_directories(directory_ / "master.key");
  EXPECT_NE(refusal().find("master.key"), std::string::npos) << refusal();
  fs::remove_all(directory_);
  std::ofstream(directory_.string()) << "a file where the directory should be";
  EXPECT_NE(refusal().find(directory_.string()), std::string::npos) << refusal();
}

TEST(Secret, IsWipedWhenDestroyed) {
  alignas(Secret) std::array<unsigned char, sizeof(Secret)> memory;
  auto* secret = new (memory.data()) Secret;
  secret->bytes.fill(0x5a);
  secret->~Secret();
  // Through a volatile view: what the compiler knows of a dead object does not count.
  const volatile unsigned char* after = memory.data();
  for (std::size_t i = 0; i < memory.size(); ++i) EXPECT_EQ(after[i], 0) << i;
}

TEST_F(LoadRoots, ADirectoryIsUsedWithTheRootsItWasMadeWith) {
  const Roots roots = load().value();
  ASSERT_TRUE(check_roots(directory_, roots).has_value());
  EXPECT_TRUE(check_roots(directory_, roots).has_value());

  const Roots other = load_roots(directory_, kHex, std::nullopt).value();
  EXPECT_THAT(check_roots(directory_, other).error(), testing::HasSubstr("setting master-key"));
  const Roots peppered = load_roots(directory_, std::nullopt, kHex).value();
  EXPECT_THAT(check_roots(directory_, peppered).error(), testing::HasSubstr("setting pepper"));
}

}  // namespace
}  // namespace boxoffice::sealing
