// Who may call what, and what keys are: over HTTP, with the real domain behind.
#include <gtest/gtest.h>

#include "gateway/routes/route.hpp"
#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

constexpr std::string_view kNobody = "AAAAAAAAAAAAAAAAAAAAAA";  // an id that nothing has

std::string filled(std::string path, const std::string& occasion) {
  for (const std::string& name : {std::string("{id}"), std::string("{claim}")}) {
    const auto at = path.find(name);
    if (at == std::string::npos) continue;
    const bool of_occasion = name == "{id}" && path.starts_with("/v1/occasions");
    path.replace(at, name.size(), of_occasion ? occasion : std::string(kNobody));
  }
  return path == "/v1/audit" ? path + "?occasion=" + occasion : path;
}

/// Whether a thing's token alone decides, whatever key comes with it.
bool is_for_the_holder_alone(const gateway::Route& route) {
  return route.roles == gateway::Roles{gateway::Who::holder};
}

TEST(Roles, MayCallWhatTheTableSaysAndNothingElse) {
  Stage stage({.limits = {.on = false}});
  const std::string occasion = stage.occasion();
  for (std::size_t i = 0; i < gateway::kWhoCount; ++i) {
    const auto who = static_cast<gateway::Who>(i);
    if (who == gateway::Who::holder) continue;
    const bool nobody = who == gateway::Who::anyone;
    for (const gateway::Route& route : gateway::routes()) {
      // A key each: deleting and cancelling are among the routes.
      const std::string key = nobody ? "" : stage.key(gateway::to_text(who));
      const std::string own =
          nobody || who == gateway::Who::organizer ? stage.occasion() : occasion;
      const std::string limited =
          who == gateway::Who::organizer ? stage.key("organizer", own) : key;
      const bool makes = route.operation.id == "createOccasion";
      const std::string method(gateway::http::to_text(route.method));
      const Answer answer = stage.ask({.method = method,
                                       .path = filled(std::string(route.path), own),
                                       .key = makes ? key : limited,
                                       .body = method == "GET" ? "" : "{}"});
      const std::string what =
          method + ' ' + std::string(route.path) + " as " + std::string(gateway::to_text(who));
      if (is_for_the_holder_alone(route)) {
        EXPECT_EQ(answer.problem(), "wrong_token") << what << answer.body;
      } else if (route.roles.has(who)) {
        EXPECT_NE(answer.status, 401) << what << answer.body;
        EXPECT_NE(answer.status, 403) << what << answer.body;
      } else {
        EXPECT_EQ(answer.status, nobody ? 401 : 403) << what << answer.body;
      }
    }
  }
}

TEST(Roles, AreAskedForBeforeTheBodyIsLookedAt) {
  Stage stage;
  EXPECT_EQ(stage.post("/v1/occasions", "{").status, 401);
  EXPECT_EQ(stage.post("/v1/occasions", "{", stage.key("gate")).status, 403);
  EXPECT_EQ(stage.post("/v1/occasions", "{", stage.admin()).status, 400);
}

TEST(Roles, AreAskedForBeforeTheLengthOfTheBodyIs) {
  Stage stage({.http = {.body_bytes_max = 1024}});
  const std::string body(2000, ' ');
  const std::string own = stage.occasion();
  const std::string organizer = stage.key("organizer", own);
  EXPECT_EQ(stage.post("/v1/occasions", body).problem(), "unauthorized");
  EXPECT_EQ(stage.post("/v1/occasions", body, stage.key("gate")).status, 403);
  EXPECT_EQ(stage.post("/v1/occasions", body, organizer).status, 403);
  EXPECT_EQ(stage.post("/v1/occasions/" + own + "/close", body, organizer).status, 413);
  EXPECT_EQ(stage.post("/v1/occasions", body, stage.admin()).problem(), "body_too_large");
  EXPECT_EQ(stage.post("/v1/nowhere", body).status, 404);
  EXPECT_EQ(stage.ask({.path = "/healthz", .body = body}).status, 413);
}

TEST(Roles, AreAskedForBeforeTheBodyOfADeletion) {
  Stage stage;
  const Answer others = stage.post("/v1/keys", R"({"name":"k","role":"gate"})", stage.admin());
  const std::string organizer = stage.key("organizer", stage.occasion());
  Asked remove{.method = "DELETE", .path = "/v1/keys/" + others.member("id"), .body = "{"};
  EXPECT_EQ(stage.ask(remove).status, 401);
  remove.key = organizer;
  EXPECT_EQ(stage.ask(remove).status, 403);
  remove.key = stage.admin();
  EXPECT_EQ(stage.ask(remove).status, 400);
}

TEST(Roles, OfAKeyEndAtItsOccasion) {
  Stage stage;
  const std::string own = stage.occasion();
  const std::string other = stage.occasion();
  const std::string organizer = stage.key("organizer", own);
  EXPECT_EQ(stage.post("/v1/occasions/" + own + "/close", "", organizer).status, 200);
  EXPECT_EQ(stage.post("/v1/occasions/" + other + "/close", "", organizer).status, 403);
  EXPECT_EQ(stage.post("/v1/occasions", "{}", organizer).status, 403);
  EXPECT_EQ(stage.get("/v1/audit?occasion=" + other, organizer).status, 403);
  EXPECT_EQ(stage.get("/v1/audit?occasion=" + own, organizer).status, 200);
  const std::string auditor = stage.key("auditor", own);
  EXPECT_EQ(stage.get("/v1/audit?occasion=" + other, auditor).status, 403);
  EXPECT_EQ(stage.get("/v1/audit?occasion=" + own, auditor).status, 200);
}

TEST(Roles, OfAKeyForOneOccasionReadThatOnesAuditTrail) {
  Stage stage;
  const std::string own = stage.occasion();
  for (const std::string role : {"organizer", "auditor"}) {
    EXPECT_EQ(stage.get("/v1/audit", stage.key(role, own)).status, 200) << role;
    const auto asked_for = stage.queries.last_filter().occasion;
    ASSERT_TRUE(asked_for) << role;
    EXPECT_EQ(schema::to_text(*asked_for), own);
  }
  EXPECT_EQ(stage.get("/v1/audit", stage.key("organizer")).status, 403) << "it names none";
  EXPECT_EQ(stage.get("/v1/audit", stage.key("auditor")).status, 200);
  EXPECT_FALSE(stage.queries.last_filter().occasion) << "all of them";
}

TEST(Organizer, WithoutAnOccasionMakesOneAndOrganizesIt) {
  Stage stage;
  const std::string key = stage.key("organizer");
  const Answer made = stage.post("/v1/occasions",
                                 R"({"name":"Own","starts_at":"2030-06-01T19:00:00.000Z",)"
                                 R"("pools":[{"name":"a","capacity":5}]})",
                                 key);
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/v1/occasions/" + made.member("id");
  EXPECT_EQ(made.header("location"), path);
  EXPECT_EQ(stage.get(path).problem(), "unknown_occasion");  // a draft, to others
  EXPECT_EQ(stage.get(path, key).status, 200);
  EXPECT_EQ(stage.get("/v1/occasions?state=draft", key).member("name"), "Own");
  EXPECT_EQ(stage.get("/v1/occasions?state=draft", stage.key("organizer")).body,
            R"({"items":[],"next":null})");
  EXPECT_EQ(stage.post(path + "/open", "", key).status, 200);
  EXPECT_EQ(stage.get(path).status, 200);
}

TEST(Organizer, MakesKeysForTheOccasionAndNoAuditors) {
  Stage stage;
  const std::string occasion = stage.occasion();
  const std::string organizer = stage.key("organizer", occasion);
  const auto make = [&](std::string_view role, std::string_view of) {
    return stage.post(
        "/v1/keys",
        R"({"name":"k","role":")" + std::string(role) + R"(","occasion":)" + std::string(of) + '}',
        organizer);
  };
  const std::string own = '"' + occasion + '"';
  EXPECT_EQ(make("gate", own).status, 201);
  EXPECT_EQ(make("analyst", own).status, 201);
  EXPECT_EQ(make("auditor", own).status, 403);
  EXPECT_EQ(make("admin", own).status, 403);
  EXPECT_EQ(make("gate", "null").status, 403);
  EXPECT_EQ(make("gate", '"' + stage.occasion() + '"').status, 403);
}

TEST(Key, WorksAtOnceAndIsDeadAtOnce) {
  Stage stage;
  const Answer made = stage.post("/v1/keys", R"({"name":"g","role":"organizer"})", stage.admin());
  ASSERT_EQ(made.status, 201);
  const std::string key = made.member("key");
  EXPECT_EQ(stage.get("/v1/keys", key).status, 200);
  Asked remove{.method = "DELETE", .path = "/v1/keys/" + made.member("id"), .key = stage.admin()};
  remove.headers["Idempotency-Key"] = "remove";
  const Answer removed = stage.ask(remove);
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(stage.get("/v1/keys", key).problem(), "unauthorized");
  EXPECT_EQ(stage.ask(remove).status, 204);
  remove.headers["Idempotency-Key"] = "another";
  EXPECT_EQ(stage.ask(remove).problem(), "unknown_key");
}

TEST(Key, DoesNotComeBackThoughNobodyRemembersThatItWasMade) {
  Stage stage;
  Asked make{.method = "POST",
             .path = "/v1/keys",
             .key = stage.admin(),
             .body = R"({"name":"g","role":"gate"})"};
  make.headers["Idempotency-Key"] = "make";
  const Answer made = stage.ask(make);
  ASSERT_EQ(made.status, 201);
  Asked remove{.method = "DELETE", .path = "/v1/keys/" + made.member("id"), .key = stage.admin()};
  EXPECT_EQ(stage.ask(remove).status, 204);
  stage.forget();
  const Answer again = stage.ask(make);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.problem(), "key_ended");
  EXPECT_EQ(stage.get("/v1/keys", made.member("key")).status, 401);
}

TEST(Key, ThatIsMadeCarriesAnEntityTag) {
  Stage stage;
  const Answer made = stage.post("/v1/keys", R"({"name":"g","role":"gate"})", stage.admin());
  const std::string position = made.header("boxoffice-position");
  EXPECT_EQ(made.header("etag"), '"' + position.substr(position.find(':') + 1) + '"');
}

TEST(Key, ThatIsWrongIsNobody) {
  Stage stage;
  const std::string key = stage.key("admin");
  for (const std::string& wrong :
       {std::string("x"), key + "x", key.substr(0, key.size() - 1), stage.admin() + "x"}) {
    const Answer answer = stage.get("/v1/keys", wrong);
    EXPECT_EQ(answer.problem(), "unauthorized");
    EXPECT_TRUE(answer.header("www-authenticate").starts_with("Bearer"));
  }
}

TEST(Key, IsNotBelievedWhileTheReadModelsAreBehind) {
  Stage stage;
  const std::string key = stage.key("admin");
  stage.queries.fall_behind(2001ms);
  EXPECT_EQ(stage.get("/v1/keys", key).problem(), "behind");
  EXPECT_EQ(stage.get("/v1/occasions").status, 200);
  stage.queries.fall_behind(0ms);
  EXPECT_EQ(stage.get("/v1/keys", key).status, 200);
}

TEST(Key, OfACommandToRetryUnderIsToldAlsoWhereNothingWasSubmitted) {
  Stage stage;
  const std::string key = stage.key("admin");
  stage.queries.fall_behind(2001ms);
  const auto post = [&](const std::string& idempotency_key) {
    Asked asked{.method = "POST", .path = "/v1/occasions", .key = key, .body = "{}"};
    if (!idempotency_key.empty()) asked.headers["Idempotency-Key"] = idempotency_key;
    return stage.ask(asked);
  };
  const Answer named = post("mine-0001");
  EXPECT_EQ(named.problem(), "behind");
  EXPECT_NE(named.body.find(R"("command":"mine-0001")"), std::string::npos) << named.body;
  EXPECT_NE(post("").body.find(R"("command":")"), std::string::npos);
  EXPECT_EQ(stage.get("/v1/keys", key).body.find("command"), std::string::npos);
}

/// Who presents a claim's token is its holder, with whatever key; who does not may look at it where
/// they organize the occasion, and end it nowhere.
class HolderTest : public testing::Test {
 protected:
  HolderTest() {
    const Answer made = stage_.post(occasion_ + "/claims", R"({"email":"ada@example.org"})");
    path_ = occasion_ + "/claims/" + made.member("id");
    token_ = made.member("token");
  }
  Answer confirm(const std::string& key, const std::string& body) const {
    return stage_.post(path_ + "/confirm", body, key);
  }
  Answer release(const std::string& key, const std::string& body) const {
    return stage_.ask({.method = "DELETE", .path = path_, .key = key, .body = body});
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> keys{"", stage_.admin()};
    for (const std::string role : {"gate", "supervisor", "auditor", "analyst", "organizer"})
      keys.push_back(stage_.key(role, id_));
    return keys;
  }

  Stage stage_{{.limits = {.on = false}}};
  std::string id_ = stage_.occasion();
  std::string occasion_ = "/v1/occasions/" + id_;
  std::string path_;
  std::string token_;
};

TEST_F(HolderTest, IsWhoeverShowsTheToken) {
  for (const std::string& key : keys()) {
    EXPECT_EQ(stage_.get(path_ + "?token=" + token_, key).status, 200);
    EXPECT_EQ(confirm(key, R"({"token":")" + token_ + R"("})").status, 200);
  }
  EXPECT_EQ(
      release(stage_.key("gate", stage_.occasion()), R"({"token":")" + token_ + R"("})").status,
      200);  // also with a key for another occasion
}

TEST_F(HolderTest, IsNobodyElseWhateverTheirRole) {
  const std::size_t before = stage_.submitted();
  for (const std::string& key : keys()) {
    for (const std::string body : {"", "{}", R"({"token":"x"})"}) {
      EXPECT_EQ(confirm(key, body).problem(), "wrong_token") << body;
      EXPECT_EQ(confirm(key, body).status, 401) << body;
      EXPECT_EQ(release(key, body).status, 401) << body;
    }
    EXPECT_EQ(stage_.get(path_ + "?token=x", key).status, 401);
  }
  EXPECT_EQ(stage_.submitted(), before + 5);  // the keys
}

TEST_F(HolderTest, IsSeenByWhoOrganizes) {
  EXPECT_EQ(stage_.get(path_).problem(), "wrong_token");
  EXPECT_EQ(stage_.get(path_, stage_.admin()).status, 200);
  EXPECT_EQ(stage_.get(path_, stage_.key("organizer", id_)).status, 200);
  EXPECT_EQ(stage_.get(path_, stage_.key("organizer", stage_.occasion())).status, 403);
  for (const std::string role : {"gate", "supervisor", "auditor", "analyst"})
    EXPECT_EQ(stage_.get(path_, stage_.key(role, id_)).status, 403) << role;
}

}  // namespace
}  // namespace boxoffice::gateway_test
