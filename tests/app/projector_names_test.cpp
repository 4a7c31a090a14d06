#include <gtest/gtest.h>

#include "app/reading/remote_desk.hpp"

namespace boxoffice::app {
namespace {

TEST(ProjectorNames, StandByCommas) {
  const auto names = projector_names("projector-1:8090, [::1]:9000,10.0.0.7:1");
  ASSERT_EQ(names.size(), 3u);
  EXPECT_EQ(names[0].host, "projector-1");
  EXPECT_EQ(names[0].port, 8090);
  EXPECT_EQ(names[1].host, "::1");
  EXPECT_EQ(names[2].host, "10.0.0.7");
}

TEST(ProjectorNames, ThatAreNoneAreRefusedByTheSettingsName) {
  for (const char* wrong : {"", "a", "a:", ":1", "a:0", "a:70000", "a:1,", "a:1x"}) {
    try {
      projector_names(wrong);
      ADD_FAILURE() << wrong;
    } catch (const WrongSetting& refused) {
      EXPECT_NE(std::string(refused.what()).find("setting projectors"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace boxoffice::app
