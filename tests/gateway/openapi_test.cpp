// The document that is served: what is in it is served, and what is served is in it.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <set>

#include "gateway/http/problem.hpp"
#include "gateway/openapi/document.hpp"

namespace boxoffice::gateway_test {
namespace {

using namespace gateway;

class OpenapiTest : public testing::Test {
 protected:
  OpenapiTest() : text_(openapi_document(routes())), document_(parser_.parse(text_)) {}
  std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element document_;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

TEST_F(OpenapiTest, HasTheRoutesThatAreServedAndNoOthers) {
  std::set<std::string> served, listed;
  for (const Route& route : routes())
    served.insert(lower(http::to_text(route.method)) + ' ' + std::string(route.path));
  const simdjson::dom::object paths = document_["paths"].get_object().value();
  for (const auto& [path, methods] : paths) {
    const simdjson::dom::object operations = methods.get_object().value();
    for (const auto& [method, operation] : operations) {
      listed.insert(std::string(method) + ' ' + std::string(path));
    }
  }
  EXPECT_EQ(served, listed);
}

TEST_F(OpenapiTest, SaysOfEachOperationWhoMay) {
  for (const Route& route : routes()) {
    std::string pointer(route.path);
    for (std::size_t at = 0; (at = pointer.find('/', at)) != std::string::npos; at += 2)
      pointer.replace(at, 1, "~1");
    const auto operation =
        document_.at_pointer("/paths/" + pointer + '/' + lower(http::to_text(route.method)));
    std::set<std::string> roles, wanted;
    const simdjson::dom::array who = operation["x-roles"].get_array().value();
    for (const auto role : who) roles.emplace(role.get_string().value());
    for (std::size_t i = 0; i < kWhoCount; ++i) {
      if (route.roles.has(static_cast<Who>(i))) wanted.emplace(to_text(static_cast<Who>(i)));
    }
    EXPECT_EQ(roles, wanted) << route.path;
    const bool is_by_token = roles == std::set<std::string>{"holder"};
    EXPECT_TRUE(roles.contains("admin") || is_by_token) << route.path;
  }
}

TEST_F(OpenapiTest, RefersOnlyToWhatItHas) {
  constexpr std::string_view kReference = "\"$ref\":\"";
  constexpr std::string_view kBase = "#/components/";
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text_.find(kReference, at)) != std::string::npos; ++count) {
    at += kReference.size();
    const std::string target = text_.substr(at, text_.find('"', at) - at);
    ASSERT_TRUE(target.starts_with(kBase)) << target;
    EXPECT_EQ(document_.at_pointer(target.substr(1)).error(), simdjson::SUCCESS) << target;
  }
  EXPECT_GT(count, 100U);
}

/// The names of the schemas that a part of the document refers to.
std::set<std::string> schemas_in(simdjson::dom::element part) {
  const std::string text = simdjson::minify(part);
  constexpr std::string_view kBase = "\"#/components/schemas/";
  std::set<std::string> names;
  for (std::size_t at = 0; (at = text.find(kBase, at)) != std::string::npos;) {
    at += kBase.size();
    names.insert(text.substr(at, text.find('"', at) - at));
  }
  return names;
}

TEST_F(OpenapiTest, HasNoSchemaThatNoOperationNeeds) {
  const simdjson::dom::object schemas = document_["components"]["schemas"].get_object().value();
  std::set<std::string> needed = schemas_in(document_["paths"]);
  for (std::size_t before = 0; before != needed.size();) {
    before = needed.size();
    for (const std::string& name : std::set(needed)) needed.merge(schemas_in(schemas[name]));
  }
  std::set<std::string> written;
  for (const auto& [name, schema] : schemas) written.emplace(name);
  EXPECT_EQ(written, needed);
}

TEST_F(OpenapiTest, SaysOfEachIdInAPathWhatItLooksLike) {
  std::size_t count = 0;
  const simdjson::dom::object paths = document_["paths"].get_object().value();
  for (const auto& [path, methods] : paths) {
    const simdjson::dom::object operations = methods.get_object().value();
    for (const auto& [method, operation] : operations) {
      const simdjson::dom::array parameters = operation["parameters"].get_array().value();
      for (const auto parameter : parameters) {
        if (parameter["in"].get_string().value() != "path") continue;
        EXPECT_EQ(parameter["schema"]["pattern"].error(), simdjson::SUCCESS) << path;
        ++count;
      }
    }
  }
  EXPECT_GT(count, 5U);
}

TEST_F(OpenapiTest, SaysWhatMayStandInTheWayOfReading) {
  const auto unavailable = [&](const std::string& path) {
    std::string pointer = path;
    for (std::size_t at = 0; (at = pointer.find('/', at)) != std::string::npos; at += 2)
      pointer.replace(at, 1, "~1");
    return document_.at_pointer("/paths/" + pointer + "/get/responses/503");
  };
  const auto description = [&](const std::string& path) {
    return std::string(unavailable(path)["description"].get_string().value());
  };
  for (const Route& route : routes()) {
    if (route.method != http::Method::get) continue;
    const std::string said = description(std::string(route.path));
    for (const std::string_view name : {"not_reached", "unavailable"})
      EXPECT_EQ(said.find(name) == std::string::npos, route.open) << route.path << ": " << said;
    EXPECT_NE(said.find("too_many_connections"), std::string::npos) << route.path;
  }
  const auto content = unavailable("/readyz")["content"];
  EXPECT_EQ(content["application/json"].error(), simdjson::SUCCESS);
  EXPECT_EQ(content["application/problem+json"].error(), simdjson::SUCCESS);
  EXPECT_EQ(description("/readyz").find("Not ready, and why. Or: "), 0U);
}

TEST(Routes, BelowAnOccasionAreForItsKeysAlone) {
  for (const Route& route : routes())
    EXPECT_EQ(route.operation.of_occasion, route.path.starts_with("/v1/occasions/{")) << route.path;
}

TEST(Problems, OfARouteAreOnesThatThereAre) {
  std::set<std::string_view> known;
  for (const http::ProblemKind& kind : http::problem_kinds()) known.insert(kind.name);
  for (const Route& route : routes()) {
    for (const std::string_view name : route.operation.problems)
      EXPECT_TRUE(known.contains(name)) << name;
  }
}

}  // namespace
}  // namespace boxoffice::gateway_test
