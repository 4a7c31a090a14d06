// Occasions over HTTP: their defaults, what is refused by which field, changes by merge patch.
#include <gtest/gtest.h>

#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

const std::string kName = R"("name":"G")";
const std::string kStart = R"("starts_at":"2030-06-01T19:00:00.000Z")";
const std::string kPools = R"("pools":[{"name":"a","capacity":5000}])";

class OccasionTest : public testing::Test {
 protected:
  Answer make(const std::string& more = {}) const {
    const std::string body = '{' + kName + ',' + kStart + ',' + kPools;
    return stage_.post("/v1/occasions", body + (more.empty() ? "" : ',' + more) + '}',
                       stage_.admin());
  }
  /// The path of an occasion made with `more`.
  std::string made(const std::string& more = {}) const {
    const Answer answer = make(more);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return "/v1/occasions/" + answer.member("id");
  }
  Answer change(const std::string& path, const std::string& patch) const {
    return stage_.ask({.method = "PATCH", .path = path, .key = stage_.admin(), .body = patch});
  }
  static bool has(const Answer& answer, const std::string& json) {
    return answer.body.find(json) != std::string::npos;
  }

  Stage stage_{{.limits = {.on = false}}};
};

TEST_F(OccasionTest, GetsItsDefaults) {
  const Answer made = make(R"("claims":{"ttl_ms":5})");
  EXPECT_EQ(made.status, 201);
  EXPECT_TRUE(has(made, R"("codes":{"length":4,)")) << made.body;
  EXPECT_TRUE(has(made, R"("claims":{"ttl_ms":5,"on_expiry":"return")")) << made.body;
  EXPECT_EQ(made.member("time_zone"), "UTC");
}

TEST_F(OccasionTest, IsRefusedByField) {
  const auto expect = [&](const Answer& answer, int status, std::string_view name,
                          std::string_view field) {
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.problem(), name);
    EXPECT_EQ(answer.member("field"), field);
  };
  expect(make(R"("codes":{"length":1})"), 409, "codes_exhausted", "/codes/length");
  expect(make(R"("codes":{"alphabet":"ABCDA"})"), 400, "out_of_range", "/codes/alphabet");
  const std::string path = made();
  expect(change(path, R"({"codes":{"alphabet":"ABCDA"}})"), 400, "out_of_range", "/codes/alphabet");
}

TEST_F(OccasionTest, OfTooFewCodesIsRefusedByADecision) {
  const Answer created = make(R"("codes":{"length":1})");
  EXPECT_EQ(created.problem(), "codes_exhausted");
  EXPECT_NE(created.header("boxoffice-position"), "") << "its refusal stands on the log";
  const Answer changed = change(made(), '{' + kPools + R"(,"codes":{"length":1}})");
  EXPECT_EQ(changed.problem(), "codes_exhausted");
  EXPECT_NE(changed.header("boxoffice-position"), "");
}

// Nobody chose the length, so whoever is refused for it must hear what to do about it.
TEST_F(OccasionTest, WithoutALengthOfCodesCanGrowAndIsToldHow) {
  const std::string path = made();
  const std::string pools = R"("pools":[{"name":"a","capacity":500000}])";
  const std::string remedy = R"("codes": {"length": null})";
  const Answer refused = change(path, '{' + pools + '}');
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.problem(), "codes_exhausted");
  EXPECT_TRUE(has(refused, R"(\"codes\": {\"length\": null})")) << refused.body;
  const Answer changed = change(path, '{' + pools + ',' + remedy + '}');
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_TRUE(has(changed, R"("codes":{"length":5,)")) << changed.body;
}

TEST_F(OccasionTest, HasNamesThatPeopleCanRead) {
  const std::string path = made();
  const auto expect_refused = [&](const std::string& patch, std::string_view field) {
    const Answer answer = change(path, patch);
    EXPECT_EQ(answer.problem(), "out_of_range") << patch;
    EXPECT_EQ(answer.member("field"), field) << patch;
  };
  for (const std::string name :
       {"  ", "\u00a0", "\u2003\u3000", "a\\nb", "a\\u0000", "\\u001b[2J", "\u0085", "\u2028x"}) {
    expect_refused(R"({"name":")" + name + "\"}", "/name");
    expect_refused(
        R"({"pools":[{"name":"a","capacity":5},{"name":")" + name + R"(","capacity":1}]})",
        "/pools/1/name");
  }
  const Answer answer =
      stage_.post("/v1/occasions", R"({"name":" ",)" + kStart + ',' + kPools + '}', stage_.admin());
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.member("field"), "/name");
  for (const std::string name : {"Grüße aus Köln", "東京 ドーム", "🎭", " a "})
    EXPECT_EQ(change(path, R"({"name":")" + name + "\"}").status, 200) << name;
}

TEST_F(OccasionTest, HasATimeZoneOfTheDatabase) {
  const std::string path = made();
  for (const std::string zone :
       {"Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "US/Eastern", "Etc/GMT+5"}) {
    EXPECT_EQ(make(R"("time_zone":")" + zone + '"').member("time_zone"), zone);
    EXPECT_EQ(change(path, R"({"time_zone":")" + zone + R"("})").status, 200) << zone;
  }
  for (const std::string wrong :
       {"Europe/Atlantis", "Europe/berlin", "Europe/", "Berlin", "../etc/passwd", "+01:00", " UTC",
        "tzdata.zi", "Europe/Berlin\\n"}) {
    for (const Answer& answer : {make(R"("time_zone":")" + wrong + '"'),
                                 change(path, R"({"time_zone":")" + wrong + R"("})")}) {
      EXPECT_EQ(answer.status, 400) << wrong;
      EXPECT_EQ(answer.problem(), "bad_time_zone") << wrong;
      EXPECT_EQ(answer.member("field"), "/time_zone") << wrong;
    }
  }
  EXPECT_EQ(stage_.get(path, stage_.admin()).member("time_zone"), "Etc/GMT+5");
}

TEST_F(OccasionTest, IsMadeOfWhatAPatchHas) {
  const std::string all =
      R"("time_zone":"Europe/Berlin","venue":"Hall","notes":"n",)"
      R"("pools":[{"name":"a","capacity":6000},{"name":"b","capacity":1}],)"
      R"("claims":{"ttl_ms":1000,"on_expiry":"burn","one_per_email":false,"one_per_ip":false,)"
      R"("verify_email":false},)"
      R"("requests":{"largest":4,"offer_ttl_ms":1000,"public_source":"s",)"
      R"("unfinalize_window_ms":0},)"
      R"("codes":{"length":9,"alphabet":"ABCDEF"},)"
      R"("totp":{"algorithm":"SHA256","digits":8,"period_s":60,"window":2},)"
      R"("admission":{"reentry":true,"opens_at":"2030-06-01T17:00:00.000Z",)"
      R"("closes_at":"2030-06-02T01:00:00.000Z","undo_window_ms":0}})";
  const std::string patch = R"({"name":"H","starts_at":"2031-06-01T19:00:00.000Z",)" + all;
  const Answer changed = change(made(), patch);
  EXPECT_TRUE(has(changed, patch.substr(1))) << changed.body;
}

/// Each member of the patch is as it would be had it been left out when the occasion was made.
TEST_F(OccasionTest, TakesNullAsWhatItIsWithoutTheMember) {
  const std::vector<std::array<std::string, 3>> cases{
      {R"("time_zone":"Europe/Berlin")", R"({"time_zone":null})", R"("time_zone":"UTC")"},
      {R"("venue":"Hall")", R"({"venue":null})", R"("venue":"")"},
      {R"("notes":"n")", R"({"notes":null})", R"("notes":"")"},
      {R"("claims":{"ttl_ms":1000})", R"({"claims":{"ttl_ms":null}})", R"("ttl_ms":300000)"},
      {R"("claims":{"on_expiry":"burn"})", R"({"claims":{"on_expiry":null}})",
       R"("on_expiry":"return")"},
      {R"("claims":{"one_per_email":false})", R"({"claims":{"one_per_email":null}})",
       R"("one_per_email":true)"},
      {R"("claims":{"one_per_ip":false})", R"({"claims":{"one_per_ip":null}})",
       R"("one_per_ip":true)"},
      {R"("claims":{"verify_email":false})", R"({"claims":{"verify_email":null}})",
       R"("verify_email":false)"},
      {R"("notes":"no claims")", R"({"claims":{"ttl_ms":null}})",
       R"("claims":{"ttl_ms":300000,"on_expiry":"return")"},
      {R"("requests":{"largest":4})", R"({"requests":{"largest":null}})", R"("largest":6)"},
      {R"("requests":{"offer_ttl_ms":4})", R"({"requests":{"offer_ttl_ms":null}})",
       R"("offer_ttl_ms":86400000)"},
      {R"("requests":{"public_source":"s"})", R"({"requests":{"public_source":null}})",
       R"("public_source":null)"},
      {R"("requests":{"unfinalize_window_ms":0})", R"({"requests":{"unfinalize_window_ms":null}})",
       R"("unfinalize_window_ms":86400000)"},
      {R"("codes":{"length":9})", R"({"codes":{"length":null}})", R"("codes":{"length":4,)"},
      {R"("codes":{"length":9})",
       R"({"codes":{"length":null},"pools":[{"name":"a","capacity":9}]})",
       R"("codes":{"length":3,)"},
      {R"("codes":{"length":12,"alphabet":"ABC"})", R"({"codes":{"length":null}})",
       R"("codes":{"length":10,)"},
      {R"("codes":{"length":9,"alphabet":"ABC"})", R"({"codes":{"alphabet":null}})",
       R"("codes":{"length":9,"alphabet":"ABCDEFGHIJKLMNOPQRSTUVWXYZ"})"},
      {R"("codes":{"length":9,"alphabet":"ABC"})", R"({"codes":null})",
       R"("codes":{"length":4,"alphabet":"ABCDEFGHIJKLMNOPQRSTUVWXYZ"})"},
      {R"("totp":{"algorithm":"SHA512"})", R"({"totp":{"algorithm":null}})",
       R"("algorithm":"SHA1")"},
      {R"("totp":{"digits":8})", R"({"totp":{"digits":null}})", R"("digits":6)"},
      {R"("totp":{"period_s":5})", R"({"totp":{"period_s":null}})", R"("period_s":30)"},
      {R"("totp":{"window":5})", R"({"totp":{"window":null}})", R"("window":1)"},
      {R"("totp":{"algorithm":"SHA512","digits":8,"period_s":5,"window":5})", R"({"totp":null})",
       R"("totp":{"algorithm":"SHA1","digits":6,"period_s":30,"window":1})"},
      {R"("admission":{"reentry":true})", R"({"admission":{"reentry":null}})",
       R"("reentry":false)"},
      {R"("admission":{"undo_window_ms":0})", R"({"admission":{"undo_window_ms":null}})",
       R"("undo_window_ms":900000)"},
      {R"("admission":{"opens_at":"2030-06-01T17:00:00.000Z","closes_at":)"
       R"("2030-06-02T17:00:00.000Z","reentry":true})",
       R"({"admission":null})",
       R"("admission":{"reentry":false,"opens_at":null,"closes_at":null,"undo_window_ms":900000})"}};
  for (const auto& [before, patch, after] : cases) {
    const Answer changed = change(made(before), patch);
    EXPECT_EQ(changed.status, 200) << patch << changed.body;
    EXPECT_TRUE(has(changed, after)) << patch << changed.body;
  }
}

TEST_F(OccasionTest, SwitchesAWayInOffByNull) {
  const std::string path = made(R"("claims":{},"requests":{})");
  const Answer changed = change(path, R"({"claims":null,"requests":null})");
  EXPECT_FALSE(has(changed, R"("claims")")) << changed.body;
  EXPECT_FALSE(has(changed, R"("requests")")) << changed.body;
}

TEST_F(OccasionTest, KeepsWhatItCannotBeWithout) {
  const std::string path = made();
  for (const std::string member : {"name", "starts_at", "pools"}) {
    const Answer answer = change(path, R"({"venue":"Hall",")" + member + R"(":null})");
    EXPECT_EQ(answer.status, 400) << member;
    EXPECT_EQ(answer.member("field"), '/' + member);
  }
  EXPECT_EQ(change(path, R"({"pools":[{"name":null,"capacity":1}]})").member("field"),
            "/pools/0/name");
  EXPECT_EQ(change(path, R"({"claims":{"ttl":null}})").problem(), "unknown_field");
  EXPECT_EQ(stage_.get(path, stage_.admin()).member("venue"), "");
}

TEST_F(OccasionTest, IsNotChangedIntoWhatDoesNotFitIt) {
  const std::string path = made(R"("admission":{"opens_at":"2030-06-01T17:00:00.000Z"})");
  const Answer answer = change(path, R"({"admission":{"closes_at":"2030-06-01T16:00:00.000Z"}})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.problem(), "does_not_fit");
  EXPECT_EQ(answer.member("field"), "/admission/closes_at");
  EXPECT_FALSE(answer.header("boxoffice-position").empty());
}

TEST_F(OccasionTest, IsNotMadeTwiceThoughNobodyRemembersTheFirstTime) {
  const auto ask = [&] {
    return stage_.ask({.method = "POST",
                       .path = "/v1/occasions",
                       .key = stage_.admin(),
                       .body = '{' + kName + ',' + kStart + ',' + kPools + '}',
                       .headers = {{"Idempotency-Key", "make"}}});
  };
  EXPECT_EQ(ask().status, 201);
  stage_.forget();
  const Answer again = ask();
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.problem(), "already_made");
}

}  // namespace
}  // namespace boxoffice::gateway_test
