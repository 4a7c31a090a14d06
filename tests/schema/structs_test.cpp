// The generator on another folder of schemas, as the gateway uses it for bodies.
#include <gtest/gtest.h>

#include "tests/schema/bodies.hpp"
#include "tests/schema/padded.hpp"

namespace boxoffice::schema_test {
namespace {

constexpr std::string_view kLeast = R"({"name":"Gala","at":"2027-01-16T19:00:00.000Z"})";

TEST(OptionalMembers, TakeTheirDefaults) {
  schema::Reader reader;
  OpenDoors body;
  ASSERT_TRUE(reader.object(Padded(kLeast), body));
  EXPECT_EQ(body.on_expiry, schema::OnExpiry::return_);
  EXPECT_EQ(body.count, 3);
  EXPECT_TRUE(body.loud);
  EXPECT_EQ(body.motto, "say \"hello\"");
  EXPECT_EQ(body.door, (Door{.side = Side::south, .width_cm = 90}));
  EXPECT_EQ(body.guest, std::nullopt);
  EXPECT_EQ(body.code, std::nullopt);
  EXPECT_TRUE(body.pools.empty());
}

TEST(OptionalMembers, TakeTheirDefaultsAlsoInAValueUsedBefore) {
  schema::Reader reader;
  OpenDoors body;
  const Padded full(
      R"({"name":"Gala","at":"2027-01-16T19:00:00.000Z","pools":[{"name":"a","capacity":1}],)"
      R"("on_expiry":"burn","count":0,"loud":false,"motto":"","code":"KQ-17",)"
      R"("door":{"side":"north"},"guest":"Ada"})");
  ASSERT_TRUE(reader.object(full, body));
  EXPECT_EQ(body.door, (Door{.side = Side::north, .width_cm = 90}));
  EXPECT_EQ(body.guest, "Ada");
  EXPECT_EQ(body.code, "KQ-17");
  ASSERT_TRUE(reader.object(Padded(kLeast), body));
  OpenDoors least;
  least.name = "Gala";
  least.at = *schema::instant_from_text("2027-01-16T19:00:00.000Z");
  EXPECT_EQ(body, least);
}

TEST(OptionalMembers, WithADefaultAreAlwaysWritten) {
  std::string out;
  schema::write_object(out, OpenDoors{.name = "Gala"});
  EXPECT_EQ(out,
            R"({"name":"Gala","at":"1970-01-01T00:00:00.000Z","pools":[],"on_expiry":"return",)"
            R"("count":3,"loud":true,"motto":"say \"hello\"","door":{"side":"south",)"
            R"("width_cm":90},"guest":null})");
}

TEST(Patterns, AreMatchedFromEndToEnd) {
  schema::Reader reader;
  const auto takes = [&](std::string_view code) {
    OpenDoors body;
    std::string text(kLeast);
    text.insert(text.size() - 1, R"(,"code":")" + std::string(code) + '"');
    return reader.object(Padded(text), body).has_value();
  };
  for (const std::string_view code : {"AB-1", "ABCD-12345", "ZZZ-0"}) EXPECT_TRUE(takes(code));
  for (const std::string_view code : {"", "A-1", "ABCDE-1", "AB-", "AB1", "ab-1", "AB-1x", "AB-é"})
    EXPECT_FALSE(takes(code)) << code;
}

}  // namespace
}  // namespace boxoffice::schema_test
