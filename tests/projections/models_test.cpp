#include "tests/projections/read_models_fixture.hpp"

namespace boxoffice::projections {
namespace {

using namespace schema;

class OccasionsModel : public ReadModelsTest {};
class AvailabilityModel : public ReadModelsTest {
 protected:
  std::string body(std::uint64_t occasion = 1) {
    apply_all();
    const auto view = models().availability(id<OccasionId>(occasion));
    return view ? view->body : "none";
  }
};
class ClaimsModel : public ReadModelsTest {
 protected:
  std::optional<ClaimView> claim(std::uint64_t occasion, std::uint64_t claim) {
    apply_all();
    return models().claim(id<OccasionId>(occasion), id<ClaimId>(claim)).value();
  }
};
class KeysModel : public ReadModelsTest {
 protected:
  std::shared_ptr<const KeyView> key(std::uint64_t key) {
    apply_all();
    return models().key(id<KeyId>(key));
  }
};

TEST_F(OccasionsModel, ShowsWhatTheLatestEventSaid) {
  history_.happens(occasion_created(1, {{"main", 10}}));
  const Position last = history_.happens(occasion_stepped(1, OccasionStep::open, {{"main", 20}}));
  history_.happens(claim_refused(1, 1));
  apply_all();

  const auto view = models().occasion(id<OccasionId>(1));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->state, OccasionState::open);
  EXPECT_EQ(view->details, details({{"main", 20}}));
  EXPECT_EQ(view->organizer, id<KeyId>(0));
  EXPECT_EQ(view->last_event, last);
}

TEST_F(OccasionsModel, RemembersOverARestart) {
  history_.happens(occasion_created(1));
  history_.happens(occasion_changed(1, {{"main", 30}}));
  apply_all();
  const OccasionView before = *models().occasion(id<OccasionId>(1));
  stop();

  const auto after = models().occasion(id<OccasionId>(1));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->details, before.details);
  EXPECT_EQ(after->organizer, before.organizer);
  EXPECT_EQ(after->last_event, before.last_event);
}

TEST_F(OccasionsModel, ListsThoseInAStateByIdInPages) {
  for (std::uint64_t occasion = 0; occasion < 9; ++occasion) {
    history_.happens(occasion_created(occasion));
    if (occasion % 2) history_.happens(occasion_stepped(occasion, OccasionStep::open));
  }
  apply_all();

  const OccasionState open[] = {OccasionState::open};
  std::vector<OccasionId> listed;
  std::string after;
  for (;;) {
    const auto page = models().occasions(open, after, 3).value();
    for (const auto& view : page.items) listed.push_back(view->id);
    if (!page.next) break;
    EXPECT_EQ(page.items.size(), 3u);
    after = *page.next;
  }
  EXPECT_EQ(listed.size(), 4u);
  EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  EXPECT_EQ(models().occasions({}, {}, 50).value().items.size(), 9u);
}

TEST_F(OccasionsModel, RefusesACursorOfAnotherList) {
  for (std::uint64_t occasion = 0; occasion < 3; ++occasion)
    history_.happens(occasion_created(occasion));
  apply_all();
  const std::string cursor = models().occasions({}, {}, 1).value().next.value();

  const OccasionState open[] = {OccasionState::open};
  EXPECT_EQ(models().occasions(open, cursor, 1).error(), QueryError::bad_cursor);
  EXPECT_EQ(models().keys(cursor, 1).error(), QueryError::bad_cursor);
  EXPECT_EQ(models().occasions({}, cursor + "A", 1).error(), QueryError::bad_cursor);
  EXPECT_EQ(models().occasions({}, "nonsense", 1).error(), QueryError::bad_cursor);
}

TEST_F(AvailabilityModel, IsExactlyTheBodyOfTheContract) {
  history_.happens(occasion_created(1, {{"main", 3}, {"ba\"r", 2}}));
  history_.happens(ticket_claimed(1, 1, {0, 1}));
  const Position last = history_.happens(ticket_claimed(1, 2, {1, 1}));
  EXPECT_EQ(
      body(),
      R"({"capacity":5,"free":3,"claimed":2,"issued":0,"admitted":0,"burned":0,"pools":[)"
      R"({"name":"main","capacity":3,"free":2,"claimed":1,"issued":0,"admitted":0,"burned":0},)"
      R"({"name":"ba\"r","capacity":2,"free":1,"claimed":1,"issued":0,"admitted":0,"burned":0}],)"
      R"("position":")" +
          to_text(last) + "\"}");
  const auto view = models().availability(id<OccasionId>(1));
  EXPECT_EQ(view->position, last);
  EXPECT_EQ(view->state, OccasionState::draft);
}

struct Fold {
  const char* what;
  std::vector<Happening> happenings;
  std::string counts;  ///< of an occasion with ten tickets
};

class AvailabilityFold : public AvailabilityModel, public ::testing::WithParamInterface<Fold> {};

TEST_P(AvailabilityFold, Counts) {
  history_.happens(occasion_created(1));
  std::vector<Happening> happenings = GetParam().happenings;
  const Position last = history_.happen(std::move(happenings)).back();
  const std::string expected = body();
  EXPECT_EQ(expected.find("{" + GetParam().counts + ",\"pools\":[{\"name\":\"main\"," +
                          GetParam().counts + "}]"),
            0u)
      << expected;
  EXPECT_EQ(models().availability(id<OccasionId>(1))->position, last);
}

std::string counts(int free, int claimed, int issued, int burned, int capacity = 10) {
  return "\"capacity\":" + std::to_string(capacity) + ",\"free\":" + std::to_string(free) +
         ",\"claimed\":" + std::to_string(claimed) + ",\"issued\":" + std::to_string(issued) +
         ",\"admitted\":0,\"burned\":" + std::to_string(burned);
}

const TicketPlace kFirst{0, 1};

INSTANTIATE_TEST_SUITE_P(
    Of, AvailabilityFold,
    ::testing::Values(
        Fold{"Claimed", {ticket_claimed(1, 1, kFirst)}, counts(9, 1, 0, 0)},
        Fold{"Confirmed",
             {ticket_claimed(1, 1, kFirst), claim_confirmed(1, 1, kFirst)},
             counts(9, 0, 1, 0)},
        Fold{"ConfirmedTwice",
             {ticket_claimed(1, 1, kFirst), claim_confirmed(1, 1, kFirst),
              claim_confirmed(1, 1, kFirst, true)},
             counts(9, 0, 1, 0)},
        Fold{"ReleasedWhileHeld",
             {ticket_claimed(1, 1, kFirst), claim_released(1, 1, kFirst, LiveClaim::held)},
             counts(10, 0, 0, 0)},
        Fold{"ReleasedWhenConfirmed",
             {ticket_claimed(1, 1, kFirst), claim_confirmed(1, 1, kFirst),
              claim_released(1, 1, kFirst, LiveClaim::confirmed)},
             counts(10, 0, 0, 0)},
        Fold{"ExpiredAndReturned",
             {ticket_claimed(1, 1, kFirst), claim_expired(1, 1, kFirst)},
             counts(10, 0, 0, 0)},
        Fold{"ExpiredAndBurned",
             {ticket_claimed(1, 1, kFirst), claim_expired(1, 1, kFirst, ExpiredTicket::burned)},
             counts(9, 0, 0, 1)},
        Fold{"Grown",
             {ticket_claimed(1, 1, kFirst), occasion_changed(1, {{"main", 12}})},
             counts(11, 1, 0, 0, 12)},
        Fold{"Refused", {claim_refused(1, 1)}, counts(10, 0, 0, 0)}),
    [](const auto& info) { return info.param.what; });

TEST_F(AvailabilityModel, KnowsNothingOfAnOccasionThatWasNotMade) {
  history_.happens(claim_refused(7, 1));
  EXPECT_EQ(body(7), "none");
}

TEST_F(ClaimsModel, FollowsAClaimThroughItsStates) {
  history_.happens(occasion_created(1, {{"main", 10}, {"side", 10}}));
  const Instant expires = kNoon + 5min;
  const TicketPlace place{1, 7};

  const Position held = history_.happens(ticket_claimed(1, 1, place, expires));
  auto view = claim(1, 1);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->state, ClaimState::held);
  EXPECT_EQ(view->expires_at, expires);
  EXPECT_EQ(view->person, id<PersonId>(1));
  EXPECT_EQ(view->ticket, ticket_id(id<OccasionId>(1), place));
  EXPECT_EQ(view->pool, "side");
  EXPECT_EQ(view->number, 7u);
  EXPECT_EQ(view->last_event, held);

  const Position confirmed = history_.happens(claim_confirmed(1, 1, place));
  view = claim(1, 1);
  EXPECT_EQ(view->state, ClaimState::confirmed);
  EXPECT_EQ(view->expires_at, std::nullopt);
  EXPECT_EQ(view->last_event, confirmed);
  EXPECT_EQ(view->person, id<PersonId>(1));

  history_.happens(claim_released(1, 1, place, LiveClaim::confirmed));
  EXPECT_EQ(claim(1, 1)->state, ClaimState::released);
}

TEST_F(ClaimsModel, RemembersWhenAnExpiredOneExpired) {
  history_.happen({occasion_created(1), ticket_claimed(1, 1, {0, 1}, kNoon + 1min),
                   claim_expired(1, 1, {0, 1})});
  EXPECT_EQ(claim(1, 1)->state, ClaimState::expired);
  EXPECT_EQ(claim(1, 1)->expires_at, kNoon + 1min);
}

TEST_F(ClaimsModel, ShowsAClaimOnlyUnderItsOccasion) {
  history_.happen({occasion_created(1), ticket_claimed(1, 1, {0, 1})});
  EXPECT_FALSE(claim(2, 1));
  EXPECT_FALSE(claim(1, 2));
}

TEST_F(KeysModel, ShowsAKeyUntilItIsDeleted) {
  const Position created = history_.happens(key_created(3, "Gate 1"));
  auto view = key(3);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->name, "Gate 1");
  EXPECT_EQ(view->role, Role::gate);
  EXPECT_EQ(view->occasion, id<OccasionId>(0));
  EXPECT_EQ(view->hash.bytes[0], 3);
  EXPECT_EQ(view->created_at, kNoon);
  EXPECT_EQ(view->last_used_at, std::nullopt);
  EXPECT_EQ(view->last_event, created);

  history_.pass(1h);
  history_.happens(key_used(3));
  EXPECT_EQ(key(3)->last_used_at, kNoon + 1h);
  stop();
  EXPECT_EQ(key(3)->last_used_at, kNoon + 1h);
  EXPECT_EQ(key(3)->name, "Gate 1");

  history_.happens(key_deleted(3));
  EXPECT_FALSE(key(3));
  stop();
  EXPECT_FALSE(key(3));
}

TEST_F(KeysModel, HasNothingOfAKeyThatWasMadeAndDeletedAtOnce) {
  history_.happen({key_created(3), key_used(3), key_deleted(3)});
  EXPECT_FALSE(key(3));
  EXPECT_TRUE(models().keys({}, 50).value().items.empty());
}

TEST_F(KeysModel, ListsKeysByIdInPages) {
  for (std::uint64_t number = 0; number < 5; ++number) history_.happens(key_created(number));
  apply_all();
  const auto first = models().keys({}, 3).value();
  ASSERT_EQ(first.items.size(), 3u);
  const auto second = models().keys(first.next.value(), 3).value();
  EXPECT_EQ(second.items.size(), 2u);
  EXPECT_FALSE(second.next);
  EXPECT_LT(first.items.back()->id, second.items.front()->id);
}

}  // namespace
}  // namespace boxoffice::projections
