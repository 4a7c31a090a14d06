// If-Match and If-None-Match (RFC 9110, 13.1), and the tags that they are about.
#include <gtest/gtest.h>

#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

class ConditionTest : public testing::Test {
 protected:
  std::string tag() const { return stage_.get(path_).header("etag"); }
  Answer change(std::map<std::string, std::string> headers) const {
    return stage_.ask({.method = "PATCH",
                       .path = path_,
                       .key = stage_.admin(),
                       .body = R"({"venue":"Hall"})",
                       .headers = std::move(headers)});
  }
  Answer change_if(const std::string& condition) const { return change({{"If-Match", condition}}); }
  Answer look_unless(const std::string& path, const std::string& condition) const {
    return stage_.ask({.path = path, .headers = {{"If-None-Match", condition}}});
  }

  Stage stage_{{.limits = {.on = false}}};
  std::string path_ = "/v1/occasions/" + stage_.occasion();
};

TEST_F(ConditionTest, HoldsWhereAStrongTagIsThePresentOne) {
  EXPECT_EQ(change_if(tag()).status, 200);
  EXPECT_EQ(change_if("\"1\", " + tag()).status, 200);
  EXPECT_EQ(change_if(tag() + ", \"9000\"").status, 200);
  EXPECT_EQ(change_if("\"a,comma\",, W/\"3\" , " + tag() + ',').status, 200);
  EXPECT_EQ(change_if("*").status, 200);
  EXPECT_EQ(change({{"If-Match", "\"1\""}, {"if-match", tag()}}).status, 200);  // two lines: a list
}

TEST_F(ConditionTest, FailsWhereNoneIs) {
  const std::string present = tag();
  for (const std::string& condition :
       {"W/" + present, std::string("\"1\""), "\"1\", W/" + present, std::string("\"x\""),
        std::string("\"\""), std::string("\"0\""), "\"0" + present.substr(1),
        std::string("\"99999999999999999999\""), std::string("\"a\", \"b\"")}) {
    const Answer answer = change_if(condition);
    EXPECT_EQ(answer.status, 412) << condition;
    EXPECT_EQ(answer.problem(), "precondition_failed") << condition;
    EXPECT_FALSE(answer.header("boxoffice-position").empty()) << "was not decided: " << condition;
  }
  EXPECT_EQ(stage_.get(path_).member("venue"), "");
}

TEST_F(ConditionTest, IsRefusedWhereItIsMalformed) {
  const std::size_t before = stage_.submitted();
  for (const std::string condition : {"12", "\"1", "W/1", "w/\"1\"", "\"1\" \"2\"", "*, \"1\"",
                                      "\"1\", *", "\"a b\"", "\"1\", nonsense", ";"}) {
    const Answer answer = change_if(condition);
    EXPECT_EQ(answer.status, 400) << condition;
    EXPECT_EQ(answer.problem(), "bad_condition") << condition;
  }
  EXPECT_EQ(stage_.submitted(), before);
}

TEST_F(ConditionTest, IsLookedAtOnlyWhereThereIsSomethingToBeChanged) {
  const Answer answer = stage_.ask({.method = "PATCH",
                                    .path = "/v1/occasions/AAAAAAAAAAAAAAAAAAAAAA",
                                    .key = stage_.admin(),
                                    .body = R"({"venue":"Hall"})",
                                    .headers = {{"If-Match", "W/\"1\""}}});
  EXPECT_EQ(answer.problem(), "unknown_occasion");
}

TEST_F(ConditionTest, HoldsForStepsToo) {
  Asked close{.method = "POST", .path = path_ + "/close", .key = stage_.admin()};
  close.headers["If-Match"] = "W/" + tag();
  EXPECT_EQ(stage_.ask(close).status, 412);
  close.headers["If-Match"] = "\"1\", " + tag();
  EXPECT_EQ(stage_.ask(close).status, 200);
}

TEST_F(ConditionTest, OfAReadIsWeak) {
  for (const std::string& path : {path_, path_ + "/availability"}) {
    const std::string present = stage_.get(path).header("etag");
    for (const std::string& condition :
         {present, "W/" + present, "\"a,comma\", W/" + present, std::string("*")}) {
      const Answer same = look_unless(path, condition);
      EXPECT_EQ(same.status, 304) << condition;
      EXPECT_EQ(same.header("etag"), present);
      EXPECT_EQ(same.body, "");
    }
    for (const std::string& condition : {std::string("\"1\""), std::string("nonsense"),
                                         "\"x" + present.substr(1), std::string()}) {
      EXPECT_EQ(look_unless(path, condition).status, 200) << condition;
    }
    const Answer lines = stage_.ask(
        {.path = path, .headers = {{"If-None-Match", "\"1\""}, {"if-none-match", present}}});
    EXPECT_EQ(lines.status, 304);
  }
}

TEST_F(ConditionTest, TellsAnExpiredClaimFromTheHeldOneItWas) {
  const Answer made = stage_.post(path_ + "/claims", R"({"email":"ada@example.org"})");
  const std::string path =
      path_ + "/claims/" + made.member("id") + "?token=" + made.member("token");
  const std::string held = stage_.get(path).header("etag");
  EXPECT_EQ(look_unless(path, held).status, 304);
  stage_.now += 5min;
  const Answer expired = look_unless(path, held);
  EXPECT_EQ(expired.status, 200);
  EXPECT_EQ(expired.member("state"), "expired");
  EXPECT_NE(expired.header("etag"), held);
  EXPECT_EQ(look_unless(path, expired.header("etag")).status, 304);
}

}  // namespace
}  // namespace boxoffice::gateway_test
