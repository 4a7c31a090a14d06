// What is malformed is refused with the name of the part that is: of the body by a pointer (RFC
// 6901), of the query by the parameter, of the headers by the header.
#include <gtest/gtest.h>

#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

class MalformedTest : public testing::Test {
 protected:
  void expect_refused(const Asked& asked, std::string_view name, const std::string& field) const {
    const Answer answer = stage_.ask(asked);
    const std::string what = asked.method + ' ' + asked.path + ' ' + asked.body + answer.body;
    EXPECT_EQ(answer.status, 400) << what;
    EXPECT_EQ(answer.problem(), name) << what;
    EXPECT_NE(answer.body.find(R"("field":")" + field + '"'), std::string::npos) << what;
  }
  Asked change(std::map<std::string, std::string> headers) const {
    return {.method = "PATCH",
            .path = occasion_,
            .key = stage_.admin(),
            .body = R"({"venue":"Hall"})",
            .headers = std::move(headers)};
  }
  Asked creation(std::string body) const {
    return {
        .method = "POST", .path = "/v1/occasions", .key = stage_.admin(), .body = std::move(body)};
  }

  Stage stage_;
  std::string occasion_ = "/v1/occasions/" + stage_.occasion();
};

TEST_F(MalformedTest, ParameterIsNamed) {
  expect_refused({.path = "/v1/occasions?after=zzz"}, "bad_cursor", "after");
  expect_refused({.path = "/v1/occasions?after="}, "bad_cursor", "after");
  expect_refused({.path = "/v1/occasions?limit=1&limit=2"}, "bad_parameter", "limit");
  expect_refused({.path = "/v1/occasions?limit=%zz"}, "bad_parameter", "limit");
  expect_refused({.path = "/v1/occasions?%zz=1"}, "bad_parameter", "%zz");
}

TEST_F(MalformedTest, HeaderIsNamed) {
  expect_refused({.path = occasion_, .headers = {{"Boxoffice-At-Least", "x"}}}, "bad_position",
                 "Boxoffice-At-Least");
  expect_refused(change({{"If-Match", "garbage"}}), "bad_condition", "If-Match");
  expect_refused(change({{"Idempotency-Key", std::string(256, 'k')}}), "bad_idempotency_key",
                 "Idempotency-Key");
  expect_refused({.method = "POST",
                  .path = occasion_ + "/claims",
                  .body = R"({"email":"ada@example.org"})",
                  .headers = {{"Idempotency-Key", "short"}}},
                 "weak_key", "Idempotency-Key");
}

TEST_F(MalformedTest, WholeBodyIsTheEmptyPointer) {
  for (const std::string body : {"[]", "null", "5"})
    expect_refused(creation(body), "wrong_type", "");
}

TEST_F(MalformedTest, BodyIsMissedRatherThanOfAWrongType) {
  expect_refused(creation(""), "missing_body", "");
  Asked typed = creation("");
  typed.headers["Content-Type"] = "application/json";
  expect_refused(typed, "missing_body", "");
}

TEST_F(MalformedTest, CredentialsStandOnce) {
  Connection connection(stage_.gateway->port());
  connection.send("GET /v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + stage_.admin() +
                  "\r\nAuthorization: Bearer other\r\n\r\n");
  const Answer answer = connection.read();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.problem(), "malformed_http");
  EXPECT_EQ(answer.member("field"), "Authorization");
}

TEST_F(MalformedTest, BodyIsOfAnEncodingThatIsUnderstood) {
  const std::string body = R"({"email":"ada@example.org"})";
  const auto claim = [&](std::string coding) {
    return stage_.ask({.method = "POST",
                       .path = occasion_ + "/claims",
                       .body = body,
                       .headers = {{"Content-Encoding", std::move(coding)}}});
  };
  for (const std::string coding : {"gzip", "identity, gzip", "x"}) {
    const Answer refused = claim(coding);
    EXPECT_EQ(refused.status, 415) << coding;
    EXPECT_EQ(refused.problem(), "unsupported_media_type") << coding;
    EXPECT_EQ(refused.member("field"), "Content-Encoding") << coding;
  }
  EXPECT_EQ(claim("Identity").status, 201);
}

TEST_F(MalformedTest, BodyIsToldOfInSentencesOfThisProgram) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"name":5})", "This must be text."},
      {R"({"name":""})", "This must have 1 to 200 characters."},
      {R"({"starts_at":"x"})", "This must be a time"},
      {R"({"x":5})", "There is no such member."},
      {"{}", "The member is required."},
      {"[]", "This must be an object."},
      {R"({"name":"a"} x)", "This is not JSON: it ends before or after the object does."},
      {R"({"name":"a)", "This is not JSON: a text has no end."},
      {R"({"name":"\x"})", "This is not JSON: a text has an escape that is none."},
      {"{\"name\":\"\xff\"}", "This is not JSON: it is not UTF-8."},
      {" ", "This is not JSON: there is nothing."},
      {"nope", "This is not JSON."}};
  for (const auto& [body, detail] : cases) {
    const Answer answer = stage_.ask(creation(body));
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(answer.member("detail").starts_with(detail)) << body << answer.body;
    EXPECT_TRUE(answer.member("detail").ends_with('.')) << body << answer.body;
  }
}

TEST_F(MalformedTest, NothingIsNamedWhereNothingIsMalformed) {
  const Answer unknown = stage_.get("/v1/nothing");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body.find("\"field\""), std::string::npos) << unknown.body;
  const Answer open = stage_.post(occasion_ + "/open", "", stage_.admin());
  EXPECT_EQ(open.status, 409);
  EXPECT_EQ(open.body.find("\"field\""), std::string::npos) << open.body;
}

}  // namespace
}  // namespace boxoffice::gateway_test
