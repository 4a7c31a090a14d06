#include "app/serve/local_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/settings/settings.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::app {
namespace {

class LocalDirectoryTest : public testing::Test {
 protected:
  template <class Refused>
  void expect_refused(std::string_view deployment, const std::string& why) {
    try {
      const LocalDirectory held(data_, deployment);
      ADD_FAILURE() << "was taken";
    } catch (const Refused& refused) {
      EXPECT_THAT(refused.what(), testing::HasSubstr(why));
    }
  }

  const TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
};

TEST_F(LocalDirectoryTest, IsForOneLog) {
  { const LocalDirectory held(data_, "thisdeployme"); }
  { const LocalDirectory again(data_, "thisdeployme"); }
  expect_refused<WrongSetting>("otherdeploym", "setting data");
}

TEST_F(LocalDirectoryTest, IsHeldByOneService) {
  const LocalDirectory held(data_, "thisdeployme");
  expect_refused<std::runtime_error>("thisdeployme", "is held by process");
}

TEST_F(LocalDirectoryTest, IsNotThatOfAnEmbeddedLog) {
  std::filesystem::create_directories(data_ / "log");
  expect_refused<WrongSetting>("thisdeployme", "embedded");
  EXPECT_NO_THROW(require_no_log_elsewhere(data_));
}

TEST_F(LocalDirectoryTest, IsNotForAnEmbeddedLogAfterwards) {
  { const LocalDirectory held(data_, "thisdeployme"); }
  EXPECT_THAT([this] { require_no_log_elsewhere(data_); },
              testing::ThrowsMessage<WrongSetting>(testing::AllOf(
                  testing::HasSubstr("--log kafka"), testing::HasSubstr("POST /v1/keys"))));
}

}  // namespace
}  // namespace boxoffice::app
