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
    EXPECT_TRUE(roles.contains("admin")) << route.path;
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
