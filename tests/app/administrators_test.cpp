// Whether there is an administrator, on which hangs whether the console may make the first.
#include "app/admin/administrators.hpp"

#include <gtest/gtest.h>

#include "tests/gateway/stage.hpp"

namespace boxoffice::app {
namespace {

using gateway_test::FakeQueries;

schema::KeyId id_of(std::uint8_t number) {
  schema::KeyId id;
  id.bytes.fill(number);
  return id;
}

void make_key(FakeQueries& queries, std::uint8_t number, schema::Role role,
              std::optional<schema::OccasionId> occasion = {}) {
  event_log::CommittedEvent event;
  event.envelope.subject = schema::to_text(id_of(number));
  event.event = schema::KeyCreated{.name = "k", .role = role, .occasion = occasion};
  queries.apply(event);
}

class SickQueries final : public FakeQueries {
 public:
  projections::QueryResult<projections::Page<std::shared_ptr<const projections::KeyView>>> keys(
      std::string_view, std::size_t) const override {
    return std::unexpected(projections::QueryError::unavailable);
  }
};

TEST(Administrators, AreKeysThatMayAll) {
  FakeQueries queries;
  EXPECT_FALSE(has_administrator(queries).value());
  make_key(queries, 1, schema::Role::organizer);
  make_key(queries, 2, schema::Role::admin, id_of(9).as<schema::OccasionTag>());
  EXPECT_FALSE(has_administrator(queries).value());
  make_key(queries, 3, schema::Role::admin);
  EXPECT_TRUE(has_administrator(queries).value());
}

TEST(Administrators, AreNotToldToBeNoneWhereNobodyCanSay) {
  EXPECT_EQ(has_administrator(SickQueries()).error(), projections::QueryError::unavailable);
}

}  // namespace
}  // namespace boxoffice::app
