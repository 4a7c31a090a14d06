// Keys that are asked for: what they may be called and be for.
#include <gtest/gtest.h>

#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

class NewKeyTest : public testing::Test {
 protected:
  Answer make(const std::string& name, const std::string& occasion = "null") const {
    return stage_.post("/v1/keys",
                       R"({"name":")" + name + R"(","role":"gate","occasion":)" + occasion + '}',
                       stage_.admin());
  }
  Stage stage_;
};

TEST_F(NewKeyTest, HasANameThatPeopleCanRead) {
  for (const std::string name : {"  ", "a\\nb", "\\u0000", "\\u2028", "\\u200d", "\\u2060 \\ufeff",
                                 "\\u00ad", "\\u202e", "\\u202eabc", "a\\u2066b\\u2069"}) {
    const Answer refused = make(name);
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_EQ(refused.problem(), "out_of_range") << name;
    EXPECT_EQ(refused.member("field"), "/name") << name;
  }
  EXPECT_EQ(make("Tür 1").status, 201);
  EXPECT_EQ(make("\\ud83d\\udc69\\u200d\\ud83d\\ude92 crew").status, 201)
      << "joined to one picture";
}

TEST_F(NewKeyTest, IsForNoOccasionThatThereIsNot) {
  for (const std::string occasion : {R"("nope")", R"("")", R"("AAAAAAAAAAAAAAAAAAAAAA")"}) {
    const Answer refused = make("k", occasion);
    EXPECT_EQ(refused.status, 404) << occasion;
    EXPECT_EQ(refused.problem(), "unknown_occasion") << occasion;
    EXPECT_EQ(refused.member("field"), "/occasion") << occasion;
  }
  EXPECT_EQ(make("k", "5").problem(), "wrong_type");
  EXPECT_EQ(make("k", '"' + stage_.occasion() + '"').status, 201);
}

}  // namespace
}  // namespace boxoffice::gateway_test
