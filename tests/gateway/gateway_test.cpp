// The routes, over HTTP: what is refused and how, what is answered again.
#include "gateway/gateway.hpp"

#include <gtest/gtest.h>

#include <future>

#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

const std::string kSecret = "a-secret-of-16-characters";

class ClaimTest : public testing::Test {
 protected:
  Answer claim(const std::string& email, const std::string& idempotency_key = {}) {
    Asked asked{
        .method = "POST", .path = path_ + "/claims", .body = R"({"email":")" + email + R"("})"};
    if (!idempotency_key.empty()) asked.headers["Idempotency-Key"] = idempotency_key;
    return stage_.ask(asked);
  }
  Stage stage_{{.limits = {.on = false}}};
  std::string path_ = "/v1/occasions/" + stage_.occasion();
};

TEST_F(ClaimTest, IsGrantedShownConfirmedAndReleased) {
  const Answer made = claim("Ada@Example.org");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_FALSE(made.header("boxoffice-position").empty());
  EXPECT_FALSE(made.header("x-request-id").empty());
  const std::string path = path_ + "/claims/" + made.member("id");
  EXPECT_EQ(made.header("location"), path);
  const std::string token = made.member("token");
  const Answer shown = stage_.get(path + "?token=" + token);
  EXPECT_EQ(shown.member("state"), "held");
  EXPECT_EQ(shown.header("etag"), made.header("etag"));
  EXPECT_EQ(shown.member("token"), "");
  const std::string body = R"({"token":")" + token + R"("})";
  EXPECT_EQ(stage_.post(path + "/confirm", body).member("state"), "confirmed");
  EXPECT_EQ(stage_.ask({.method = "DELETE", .path = path + "?token=" + token}).member("state"),
            "released");
  EXPECT_EQ(stage_.post(path + "/confirm", body).problem(), "claim_ended");
}

TEST_F(ClaimTest, TellsNothingWithoutItsToken) {
  const std::string path = path_ + "/claims/" + claim("ada@example.org").member("id");
  const std::size_t before = stage_.submitted();
  EXPECT_EQ(stage_.get(path).problem(), "wrong_token");
  EXPECT_EQ(stage_.get(path + "?token=x").problem(), "wrong_token");
  EXPECT_EQ(stage_.post(path + "/confirm", "").problem(), "wrong_token");
  EXPECT_EQ(stage_.post(path + "/confirm", R"({"token":"x"})").problem(), "wrong_token");
  EXPECT_EQ(stage_.ask({.method = "DELETE", .path = path}).status, 401);
  EXPECT_EQ(stage_.submitted(), before);
  EXPECT_EQ(stage_.get(path, stage_.admin()).status, 200);
}

TEST_F(ClaimTest, PastItsTimeHasExpiredAlsoWhileTheEventIsToCome) {
  const Answer made = claim("ada@example.org");
  stage_.now += 5min;
  const Answer shown =
      stage_.get(path_ + "/claims/" + made.member("id") + "?token=" + made.member("token"));
  EXPECT_EQ(shown.member("state"), "expired");
}

TEST_F(ClaimTest, IsRefusedWithTheTimeAtWhichToTryAgain) {
  EXPECT_EQ(claim("ada@example.org").status, 201);
  const Answer again = claim("ADA@example.ORG");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.problem(), "already_claimed");
  EXPECT_EQ(again.member("expires_at"), "2030-01-01T00:05:00.000Z");
  EXPECT_EQ(again.member("rule"), "one_per_email");
  EXPECT_FALSE(again.header("boxoffice-position").empty());
}

TEST_F(ClaimTest, IsSealedAndNamesNobody) {
  claim("ada@example.org");
  const processor::Submission last = stage_.last();
  const auto& command = std::get<schema::ClaimTicket>(last.command);
  EXPECT_EQ(command.person, stage_.vault.person("ada@example.org"));
  EXPECT_EQ(command.ip, stage_.vault.ip("127.0.0.1"));
  ASSERT_TRUE(last.key.has_value());
  EXPECT_EQ(stage_.vault.open(command.address, last.key->value, command.person), "ada@example.org");
  EXPECT_EQ(last.actor, "anonymous");
  EXPECT_EQ(last.deadline, last.received + 10s);
}

TEST_F(ClaimTest, RepeatedUnderItsKeyGetsTheSameBytes) {
  const Answer first = claim("ada@example.org", kSecret);
  const Answer again = claim("ada@example.org", kSecret);
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("boxoffice-position"), first.header("boxoffice-position"));
  EXPECT_EQ(claim("bob@example.org", kSecret).problem(), "key_reused");
}

TEST_F(ClaimTest, NeedsAGoodKeyOfWhoIsNotSignedIn) {
  EXPECT_EQ(claim("ada@example.org", "short").problem(), "weak_key");
  EXPECT_EQ(claim("ada@example.org", std::string(256, 'x')).problem(), "bad_idempotency_key");
  EXPECT_EQ(claim("ada@example.org", std::string(20, '\x80')).problem(), "bad_idempotency_key");
  EXPECT_EQ(claim("ada@example.org", std::string(255, 'x')).status, 201);
}

TEST_F(ClaimTest, SaysUnderWhichKeyToRetryWhatWasNotDecided) {
  stage_.be(Stage::Mood::full);
  Answer answer = claim("ada@example.org", kSecret);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.member("command"), kSecret);
  EXPECT_EQ(answer.header("retry-after"), "1");
  stage_.be(Stage::Mood::unavailable);
  answer = claim("ada@example.org");
  EXPECT_EQ(answer.problem(), "unavailable");
  EXPECT_EQ(answer.header("retry-after"), "3");
  stage_.be(Stage::Mood::decide);
  EXPECT_EQ(claim("ada@example.org", answer.member("command")).status, 201);
}

TEST(Command, ThatIsNotDecidedInTimeIsAnsweredWithItsKey) {
  Stage stage({.limits = {.on = false}, .command_wait = 50ms});
  const std::string path = "/v1/occasions/" + stage.occasion() + "/claims";
  stage.be(Stage::Mood::silent);
  const Answer answer = stage.post(path, R"({"email":"ada@example.org"})");
  EXPECT_EQ(answer.problem(), "busy");
  EXPECT_FALSE(answer.member("command").empty());
}

TEST(Command, DecidedAfterItsDeadlineIsTooLate) {
  Stage stage({.limits = {.on = false}, .command_deadline = -1ms});
  const Answer answer = stage.post("/v1/keys", R"({"name":"k","role":"gate"})", stage.admin());
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.problem(), "too_late");
  EXPECT_FALSE(answer.member("command").empty());
}

TEST(Command, ThatIsDecidedTooLateHasAPosition) {
  Stage stage({.command_deadline = -1ms});
  const Answer late =
      stage.post("/v1/occasions/AAAAAAAAAAAAAAAAAAAAAA/claims", R"({"email":"ada@example.org"})");
  EXPECT_EQ(late.status, 503);
  EXPECT_EQ(late.problem(), "too_late");
  EXPECT_EQ(late.header("boxoffice-position"), "2:1");
}

TEST(Body, IsRefusedByWhatIsWrongWithIt) {
  Stage stage({.limits = {.on = false}});
  const std::string path = "/v1/occasions/" + stage.occasion() + "/claims";
  const std::vector<std::array<std::string, 3>> cases{
      {"{", "malformed_json", ""},
      {"[]", "wrong_type", ""},
      {R"({})", "missing_field", "/email"},
      {R"({"email":5})", "wrong_type", "/email"},
      {R"({"email":"nobody"})", "bad_email", "/email"},
      {R"({"email":"a@b.c","x":1})", "unknown_field", "/x"},
      {"{\"email\":\"\xff\"}", "malformed_json", ""}};
  for (const auto& [body, name, field] : cases) {
    const Answer answer = stage.post(path, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.member("field"), field) << body << answer.body;
    EXPECT_EQ(answer.problem(), name) << body;
  }
  Asked text{.method = "POST", .path = path, .body = R"({"email":"a@example.org"})"};
  text.headers["Content-Type"] = "text/plain";
  EXPECT_EQ(stage.ask(text).problem(), "unsupported_media_type");
}

TEST(Reading, WaitsForThePositionAsked) {
  Stage stage({.limits = {.on = false}});
  const std::string occasion = stage.occasion();
  const auto at = [&](const std::string& positions) {
    Asked asked{.path = "/v1/occasions/" + occasion + "/availability"};
    asked.headers["Boxoffice-At-Least"] = positions;
    return stage.ask(asked);
  };
  EXPECT_EQ(at("2:1").status, 200);
  EXPECT_EQ(at("2:1, 2:2").status, 200);
  const Answer late = at("2:900");
  EXPECT_EQ(late.problem(), "not_reached");
  EXPECT_EQ(late.header("retry-after"), "1");
  for (const std::string bad : {"x", "2", "9:1", ",", "2:-1"})
    EXPECT_EQ(at(bad).problem(), "bad_position") << bad;
}

TEST(Reading, ShowsAClaimAsItWasLastAnswered) {
  Stage stage({.limits = {.on = false}});
  std::string occasion = stage.occasion();
  while (schema::partition_of(occasion, 4) != schema::Partition{2}) occasion = stage.occasion();
  const std::string claims = "/v1/occasions/" + occasion + "/claims";  // of the stage's partition
  stage.queries.hold();
  const Answer made = stage.post(claims, R"({"email":"ada@example.org"})");
  ASSERT_EQ(made.status, 201);
  const std::string shown = claims + "/" + made.member("id") + "?token=" + made.member("token");
  auto seen = std::async(std::launch::async, [&] { return stage.get(shown); });
  stage.queries.release_when_awaited();
  EXPECT_EQ(seen.get().status, 200);
}

TEST(Reading, RefusesParametersThatItDoesNotKnow) {
  Stage stage({.limits = {.on = false}});
  EXPECT_EQ(stage.get("/v1/occasions?colour=red").problem(), "unknown_parameter");
  EXPECT_EQ(stage.get("/v1/occasions?limit=0").problem(), "bad_parameter");
  EXPECT_EQ(stage.get("/v1/occasions?limit=501").problem(), "bad_parameter");
  EXPECT_EQ(stage.get("/v1/occasions?after=!").problem(), "bad_cursor");
  EXPECT_EQ(stage.get("/v1/occasions?state=ajar").problem(), "bad_parameter");
}

TEST(Paths, KnowTheirMethods) {
  Stage stage({.limits = {.on = false}});
  EXPECT_EQ(stage.get("/v1/nothing").problem(), "unknown_path");
  EXPECT_EQ(stage.get("/v1/occasions/").problem(), "unknown_path");
  const Answer wrong = stage.ask({.method = "PUT", .path = "/v1/occasions"});
  EXPECT_EQ(wrong.problem(), "method_not_allowed");
  EXPECT_EQ(wrong.header("allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(stage.ask({.method = "OPTIONS", .path = "/v1/occasions"}).status, 204);
  EXPECT_EQ(stage.ask({.method = "HEAD", .path = "/healthz"}).status, 200);
}

TEST(Audit, ShowsEventsAsTheyAreAndOpensWhatIsSealedOnRecord) {
  Stage stage({.limits = {.on = false}});
  const std::string occasion = stage.occasion();
  stage.post("/v1/occasions/" + occasion + "/claims", R"({"email":"ada@example.org"})");
  const Answer sealed =
      stage.get("/v1/audit?person=ada@example.org&type=TicketClaimed", stage.admin());
  EXPECT_EQ(sealed.status, 200);
  EXPECT_EQ(stage.queries.last_filter().person, stage.vault.person("ada@example.org"));
  EXPECT_EQ(sealed.body.find("ada@"), std::string::npos);
  const Answer opened =
      stage.get("/v1/audit?person=ada@example.org&open=true", stage.key("auditor"));
  EXPECT_NE(opened.body.find(R"("opened":{"2-3":{"address":"ada@example.org"}})"),
            std::string::npos)
      << opened.body;
  const auto last = stage.last();
  const auto& command = std::get<schema::OpenSealedData>(last.command);
  EXPECT_EQ(command.filter,
            "person=" + schema::to_text(stage.vault.person("ada@example.org")) + "&limit=50");
  EXPECT_EQ(stage.get("/v1/audit?open=true&occasion=" + occasion, stage.key("organizer", occasion))
                .status,
            403);
}

TEST(Audit, KnowsItsTypes) {
  Stage stage({.limits = {.on = false}});
  for (const std::string type : {"TicketClaimed", "boxoffice.TicketClaimed", "ClaimExpired"})
    EXPECT_EQ(stage.get("/v1/audit?type=" + type, stage.admin()).status, 200) << type;
  for (const std::string type : {"Nothing", "ticketclaimed", "boxoffice.", "boxoffice.Nothing",
                                 "boxoffice.boxoffice.TicketClaimed"}) {
    const Answer answer = stage.get("/v1/audit?type=" + type, stage.admin());
    EXPECT_EQ(answer.status, 400) << type;
    EXPECT_EQ(answer.problem(), "bad_parameter") << type;
    EXPECT_EQ(answer.member("field"), "type") << type;
  }
}

TEST(Limits, TellWhoIsTooFastWhenToComeBack) {
  Stage stage({.limits = {.ip = {.per_second = 1, .burst = 3}}});
  Answer answer;
  for (int i = 0; i < 3; ++i) {
    answer = stage.get("/v1/occasions");
    EXPECT_EQ(answer.status, 200);
  }
  EXPECT_EQ(answer.header("ratelimit"), R"("ip";r=0;t=3)");
  EXPECT_EQ(answer.header("ratelimit-policy"), R"("ip";q=3;w=3)");
  const Answer refused = stage.get("/v1/occasions");
  EXPECT_EQ(refused.problem(), "rate_limited");
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(stage.get("/v1/keys", stage.admin()).status, 200);  // by its key
  EXPECT_EQ(stage.get("/healthz").status, 200);
}

TEST(Limits, HoldForPathsAndMethodsThatThereAreNot) {
  Stage stage({.limits = {.ip = {.per_second = 1, .burst = 3}}});
  const Answer nothing = stage.get("/v1/nothing");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_EQ(nothing.header("ratelimit"), R"("ip";r=2;t=1)");
  EXPECT_EQ(stage.ask({.method = "PUT", .path = "/v1/occasions"}).status, 405);
  EXPECT_EQ(stage.ask({.method = "OPTIONS", .path = "/v1/occasions"}).status, 204);
  const Answer refused = stage.get("/v1/nothing");
  EXPECT_EQ(refused.problem(), "rate_limited");
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(stage.get("/v1/occasions").status, 429);
  EXPECT_EQ(stage.get("/v1/keys", stage.admin()).status, 200);
}

TEST(Limits, AreHarderForWrongKeys) {
  Stage stage({.limits = {.sign_in = {.per_second = 2, .burst = 2, .window = 60s}}});
  EXPECT_EQ(stage.get("/v1/keys", "wrong").status, 401);
  EXPECT_EQ(stage.get("/v1/keys", "wrong").status, 401);
  EXPECT_EQ(stage.get("/v1/keys", "wrong").problem(), "rate_limited");
  EXPECT_EQ(stage.get("/v1/occasions").status, 200);
  EXPECT_EQ(stage.get("/v1/keys", stage.admin()).status, 200);  // others there are not locked out
}

TEST(Limits, ToldWithAWrongKeyAreThoseOfWrongKeys) {
  Stage stage({.limits = {.sign_in = {.per_second = 2, .burst = 2, .window = 60s}}});
  const Answer wrong = stage.get("/v1/keys", "wrong");
  EXPECT_EQ(wrong.header("ratelimit"), R"("sign-in";r=1;t=30)");
  EXPECT_EQ(wrong.header("ratelimit-policy"), R"("sign-in";q=2;w=60)");
  stage.get("/v1/keys", "wrong");
  const Answer refused = stage.get("/v1/keys", "wrong");
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.header("ratelimit").starts_with(R"("sign-in";r=0;t=)"));
  EXPECT_EQ(refused.header("ratelimit-policy"), R"("sign-in";q=2;w=60)");
  EXPECT_FALSE(refused.header("retry-after").empty());
}

TEST(Limits, ToldWithAWrongTokenAreThoseOfWrongTokens) {
  Stage stage({.limits = {.sign_in = {.per_second = 1, .burst = 1, .window = 60s}}});
  const std::string claims = "/v1/occasions/" + stage.occasion() + "/claims";
  const Answer made = stage.post(claims, R"({"email":"ada@example.org"})");
  const std::string guess = claims + "/" + made.member("id") + "?token=guess";
  EXPECT_EQ(stage.get(guess).status, 401);
  const Answer refused = stage.get(guess);
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.header("ratelimit").starts_with(R"("sign-in";r=0;t=)"));
  EXPECT_EQ(refused.header("ratelimit-policy"), R"("sign-in";q=1;w=60)");
}

TEST(Limits, AreByTheAddressThatATrustedProxyNames) {
  Stage stage(
      {.limits = {.ip = {.per_second = 1, .burst = 1}}, .trusted_proxies = {"127.0.0.0/8"}});
  const auto from = [&](const std::string& address) {
    Asked asked{.path = "/v1/occasions"};
    asked.headers["X-Forwarded-For"] = address;
    return stage.ask(asked).status;
  };
  EXPECT_EQ(from("192.0.2.1"), 200);
  EXPECT_EQ(from("192.0.2.1"), 429);
  EXPECT_EQ(from("192.0.2.9, 192.0.2.1"), 429);
  EXPECT_EQ(from("192.0.2.2"), 200);
  EXPECT_EQ(from("2001:db8::1"), 200);
  EXPECT_EQ(from("2001:db8::2"), 429);  // the same /64
}

TEST(Operations, TellHealthReadinessAndMetrics) {
  Stage stage;
  EXPECT_EQ(stage.get("/healthz").body, R"({"status":"ok"})");
  EXPECT_EQ(stage.get("/readyz").body, R"({"ready":true,"lag_ms":0,"reasons":[]})");
  stage.readiness = {.ready = false, .reasons = {"a full disk"}};
  const Answer unready = stage.get("/readyz");
  EXPECT_EQ(unready.status, 503);
  EXPECT_EQ(unready.body, R"({"ready":false,"lag_ms":0,"reasons":["a full disk"]})");
  stage.get("/v1/occasions");
  const std::string metrics = stage.get("/metrics").body;
  EXPECT_NE(
      metrics.find(
          R"(boxoffice_http_requests_total{method="GET",route="/v1/occasions",status="200"} 1)"),
      std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("boxoffice_http_request_duration_seconds_bucket"), std::string::npos);
  EXPECT_TRUE(stage.get("/docs").header("content-type").starts_with("text/html"));
  EXPECT_TRUE(stage.get("/").header("content-type").starts_with("text/html"));
}

TEST(Operations, AnswerWhateverPositionIsWanted) {
  Stage stage({.read_wait = 10s});
  for (const char* path :
       {"/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json", "/docs"}) {
    for (const char* position : {"0:1000000", "nonsense"}) {
      const Asked asked{.path = path, .headers = {{"Boxoffice-At-Least", position}}};
      EXPECT_EQ(stage.ask(asked).status, 200) << path << ' ' << position;
    }
  }
}

TEST(RequestIds, AreTheClientsWhereTheyAreSane) {
  Stage stage;
  Asked asked{.path = "/v1/occasions"};
  asked.headers["X-Request-Id"] = "my-request_1";
  EXPECT_EQ(stage.ask(asked).header("x-request-id"), "my-request_1");
  asked.headers["X-Request-Id"] = "no spaces";
  EXPECT_NE(stage.ask(asked).header("x-request-id"), "no spaces");
}

}  // namespace
}  // namespace boxoffice::gateway_test
