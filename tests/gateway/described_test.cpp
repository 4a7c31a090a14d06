// The headers that are sent and taken are those of the document that is served.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <set>

#include "gateway/routes/route.hpp"
#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {
namespace {

/// Of the message, not of the answer: HTTP itself describes them.
const std::set<std::string> kFraming{"date", "content-type", "content-length", "connection"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

class DescribedTest : public testing::Test {
 protected:
  DescribedTest() : text_(stage_.gateway->openapi()), document_(parser_.parse(text_)) {}

  simdjson::dom::element operation(std::string_view id) const {
    for (const gateway::Route& route : gateway::routes()) {
      if (route.operation.id != id) continue;
      std::string path(route.path);
      for (std::size_t at = 0; (at = path.find('/', at)) != std::string::npos; at += 2)
        path.replace(at, 1, "~1");
      return document_.at_pointer("/paths/" + path + '/' +
                                  lower(gateway::http::to_text(route.method)));
    }
    ADD_FAILURE() << "no operation " << id;
    return document_;
  }

  /// Names in lower case of the headers that an answer of that status may have.
  std::set<std::string> described(std::string_view id, int status) const {
    const auto answer = operation(id)["responses"][std::to_string(status)];
    EXPECT_EQ(answer.error(), simdjson::SUCCESS) << id << status;
    std::set<std::string> names;
    simdjson::dom::object headers;
    if (answer["headers"].get(headers)) return names;
    for (const auto& [name, header] : headers) {
      names.insert(lower(name));
      const std::string_view reference = header["$ref"].get_string().value();
      const auto target = document_.at_pointer(reference.substr(1));
      EXPECT_EQ(target["schema"].error(), simdjson::SUCCESS) << reference;
      EXPECT_FALSE(target["description"].get_string().value().empty()) << reference;
    }
    return names;
  }

  Answer expect_described(std::string_view id, const Answer& answer, int status,
                          std::set<std::string> sent) const {
    EXPECT_EQ(answer.status, status) << id << answer.body;
    const std::set<std::string> known = described(id, status);
    for (const auto& [name, value] : answer.headers)
      EXPECT_TRUE(kFraming.contains(name) || known.contains(name)) << id << status << ": " << name;
    sent.insert("x-request-id");
    for (const std::string& name : sent)
      EXPECT_FALSE(answer.header(name).empty()) << id << status << ": " << name;
    return answer;
  }

  std::set<std::string> taken(std::string_view id) const {
    std::set<std::string> names;
    const simdjson::dom::array parameters = operation(id)["parameters"].get_array().value();
    for (const auto parameter : parameters) {
      if (parameter["in"].get_string().value() == "header")
        names.emplace(parameter["name"].get_string().value());
    }
    return names;
  }

  Stage stage_;
  std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element document_;
};

TEST_F(DescribedTest, IsEveryHeaderOfAnAnswer) {
  const std::set<std::string> limited{"ratelimit", "ratelimit-policy"};
  const auto with = [&](std::set<std::string> more) {
    more.insert(limited.begin(), limited.end());
    return more;
  };
  const std::string position = "boxoffice-position";
  const std::string admin = stage_.admin();
  const std::string occasion = "/v1/occasions/" + stage_.occasion();

  Asked change{.method = "PATCH", .path = occasion, .key = admin, .body = R"({"venue":"Hall"})"};
  expect_described("changeOccasion", stage_.ask(change), 200, with({"etag", position}));
  change.headers["If-Match"] = "\"1\"";
  expect_described("changeOccasion", stage_.ask(change), 412, with({position}));
  const Answer shown = stage_.get(occasion);
  expect_described("showOccasion", shown, 200, with({"etag"}));
  Asked same{.path = occasion, .headers = {{"If-None-Match", shown.header("etag")}}};
  expect_described("showOccasion", stage_.ask(same), 304, with({"etag"}));
  expect_described("showAvailability", stage_.get(occasion + "/availability"), 200, with({"etag"}));
  expect_described("openOccasion", stage_.post(occasion + "/open", "", admin), 409,
                   with({position}));

  const std::string email = R"({"email":"ada@example.org"})";
  const Answer made = expect_described("claimTicket", stage_.post(occasion + "/claims", email), 201,
                                       with({"location", "etag", position}));
  expect_described("claimTicket", stage_.post(occasion + "/claims", email), 409, with({position}));
  const std::string claim = occasion + "/claims/" + made.member("id");
  expect_described("showClaim", stage_.get(claim + "?token=" + made.member("token")), 200,
                   with({"etag"}));
  expect_described("showClaim", stage_.get(claim), 401, with({"www-authenticate"}));
  expect_described("confirmClaim",
                   stage_.post(claim + "/confirm", R"({"token":")" + made.member("token") + "\"}"),
                   200, with({"etag", position}));

  const Answer key =
      expect_described("createKey", stage_.post("/v1/keys", R"({"name":"k","role":"gate"})", admin),
                       201, with({"etag", position}));
  EXPECT_EQ(key.header("location"), "") << "a key cannot be looked at";
  EXPECT_FALSE(described("createKey", 201).contains("location"));
  expect_described("listKeys", stage_.get("/v1/keys", key.member("key")), 403, limited);
  expect_described(
      "deleteKey",
      stage_.ask({.method = "DELETE", .path = "/v1/keys/" + key.member("id"), .key = admin}), 204,
      with({position}));
  expect_described("listAudit", stage_.get("/v1/audit", admin), 200, limited);
  expect_described("listAudit", stage_.get("/v1/audit?open=true", admin), 200, with({position}));
  expect_described("showDocs", stage_.get("/docs"), 200, {"content-security-policy"});
  expect_described("showHealth", stage_.get("/healthz"), 200, {});
  stage_.readiness.ready = false;
  expect_described("showReadiness", stage_.get("/readyz"), 503, {"retry-after"});
  stage_.be(Stage::Mood::full);
  expect_described("claimTicket", stage_.post(occasion + "/claims", email), 503,
                   with({"retry-after"}));
  Answer answer = stage_.get(occasion);
  for (int i = 0; i < 1000 && answer.status == 200; ++i) answer = stage_.get(occasion);
  expect_described("showOccasion", answer, 429, with({"retry-after"}));
}

TEST_F(DescribedTest, IsEveryHeaderThatIsTaken) {
  using Names = std::set<std::string>;
  const Names all{"X-Request-Id", "traceparent"};
  const auto with = [&](Names more) {
    more.insert(all.begin(), all.end());
    return more;
  };
  EXPECT_EQ(taken("listOccasions"), with({"Boxoffice-At-Least"}));
  EXPECT_EQ(taken("createOccasion"), with({"Idempotency-Key"}));
  EXPECT_EQ(taken("changeOccasion"), with({"Idempotency-Key", "If-Match"}));
  EXPECT_EQ(taken("closeOccasion"), with({"Idempotency-Key", "If-Match"}));
  for (const std::string_view id : {"showOccasion", "showAvailability", "showClaim"})
    EXPECT_EQ(taken(id), with({"Boxoffice-At-Least", "If-None-Match"})) << id;
  EXPECT_EQ(taken("showHealth"), Names{"X-Request-Id"});
}

}  // namespace
}  // namespace boxoffice::gateway_test
