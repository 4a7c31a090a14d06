#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "projections/audit/trail.hpp"
#include "tests/projections/read_models_fixture.hpp"

namespace boxoffice::projections {
namespace {

using namespace schema;

class AuditTrail : public ReadModelsTest {
 protected:
  std::vector<Position> all_pages(const AuditFilter& filter, std::size_t limit) {
    std::vector<Position> found;
    std::string after;
    for (;;) {
      const auto page = models().audit(filter, after, limit).value();
      EXPECT_LE(page.items.size(), limit);
      for (const AuditItem& item : page.items) found.push_back(item.position);
      if (!page.next) return found;
      after = *page.next;
    }
  }

  /// What the trail must show, by looking at everything.
  static std::vector<Position> scanned(const History& history, const AuditFilter& filter,
                                       std::uint16_t partitions) {
    std::vector<Position> found;
    std::map<ClaimId, Concern> holders;
    for (std::uint16_t partition = 0; partition < partitions; ++partition)
      for (const auto& [topic, envelope, event, value] : history.events({partition})) {
        Concern concern = concern_of(envelope, event);
        if (const auto* claimed = std::get_if<TicketClaimed>(&event))
          holders[claimed->claim] = concern;
        if (const ClaimId* claim = claim_refused_unnamed(event)) concern = holders.at(*claim);
        if (matches(filter, envelope, event, concern)) found.push_back(envelope.position);
      }
    return found;
  }
};

TEST_F(AuditTrail, ShowsEventsAsTheyAreOnTheLog) {
  const auto positions = history_.happen({occasion_created(1), ticket_claimed(1, 1, {0, 1})});
  apply_all();
  const auto page = models().audit({}, {}, 50).value();
  ASSERT_EQ(page.items.size(), 2u);
  EXPECT_FALSE(page.next);
  const auto& events = history_.events(positions[0].partition);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(page.items[i].position, positions[i]);
    EXPECT_EQ(page.items[i].value, events[i].value);
  }
}

TEST_F(AuditTrail, KnowsTypesWithAndWithoutTheirPrefix) {
  history_.happen({occasion_created(1), claim_refused(1, 1), ticket_claimed(1, 1, {0, 1})});
  apply_all();
  EXPECT_EQ(all_pages({.type = "ClaimRefused"}, 5).size(), 1u);
  EXPECT_EQ(all_pages({.type = "boxoffice.ClaimRefused"}, 5).size(), 1u);
  EXPECT_EQ(all_pages({.type = "Claim"}, 5).size(), 0u);
}

TEST_F(AuditTrail, FindsThePrincipalAlsoWhereItIsNobodyKnown) {
  history_.happen({occasion_created(1), claim_refused(1, 1)});
  apply_all();
  EXPECT_EQ(all_pages({.principal = to_text(id<KeyId>(0))}, 5).size(), 1u);
  EXPECT_EQ(all_pages({.principal = "anonymous"}, 5).size(), 1u);
  EXPECT_EQ(all_pages({.principal = "somebody"}, 5).size(), 0u);
}

class RefusedAfterItsEnd : public AuditTrail {
 protected:
  std::vector<Position> of_person(std::uint64_t claim) {
    return all_pages({.person = id<PersonId>(claim)}, 5);
  }
  std::vector<Position> of_ticket(TicketPlace place) {
    return all_pages({.ticket = ticket_id(id<OccasionId>(1), place)}, 5);
  }
};

TEST_F(RefusedAfterItsEnd, IsFoundByPersonAndByTicket) {
  const auto told = history_.happen({ticket_claimed(1, 7, {0, 1}), claim_expired(1, 7, {0, 1}),
                                     confirmation_refused(1, 7), release_refused(1, 7),
                                     ticket_claimed(1, 8, {0, 2})});
  apply_all();
  const std::vector<Position> all_but_last(told.begin(), told.end() - 1);
  EXPECT_EQ(of_person(7), all_but_last);
  EXPECT_EQ(of_ticket({0, 1}), all_but_last);
  EXPECT_EQ(all_pages({.person = id<PersonId>(7), .type = "ReleaseRefused"}, 5),
            std::vector{told[3]});
}

TEST_F(RefusedAfterItsEnd, IsFoundAlsoWhereTheClaimEndedBeforeARestart) {
  const Position claimed = history_.happens(ticket_claimed(1, 7, {0, 1}));
  const Position released = history_.happens(claim_released(1, 7, {0, 1}, LiveClaim::held));
  apply_all();
  stop();
  const Position refused = history_.happens(release_refused(1, 7));
  apply_all();
  EXPECT_EQ(of_person(7), (std::vector{claimed, released, refused}));
  EXPECT_EQ(of_ticket({0, 1}), (std::vector{claimed, released, refused}));
  expect_as_rebuilt();
}

// An idempotency key that is used again after its window names the same claim.
TEST_F(RefusedAfterItsEnd, BelongsToTheLifeOfTheClaimThatEndedLast) {
  const auto first = history_.happen(
      {ticket_claimed(1, 7, {0, 1}), claim_expired(1, 7, {0, 1}), confirmation_refused(1, 7)});
  apply_all();
  const auto second = history_.happen(
      {ticket_claimed(1, 7, {0, 2}), claim_expired(1, 7, {0, 2}), confirmation_refused(1, 7)});
  apply_all();
  for (const bool rebuilt : {false, true}) {
    EXPECT_EQ(of_ticket({0, 1}), first) << rebuilt;
    EXPECT_EQ(of_ticket({0, 2}), second) << rebuilt;
    expect_as_rebuilt();
    ASSERT_TRUE(models().rebuild("audit", true));
  }
}

TEST_F(RefusedAfterItsEnd, IsNobodysWhereTheClaimWasOfAnotherOccasion) {
  const auto told = history_.happen({ticket_claimed(1, 7, {0, 1}), claim_expired(1, 7, {0, 1}),
                                     confirmation_refused(2, 7), confirmation_refused(1, 9)});
  apply_all();
  EXPECT_EQ(of_person(7), (std::vector{told[0], told[1]}));
  EXPECT_EQ(of_ticket({0, 1}), (std::vector{told[0], told[1]}));
  expect_as_rebuilt();
}

TEST_F(AuditTrail, GoesOnBehindACursorWithWhatWasAppendedLater) {
  history_.happen({occasion_created(1), claim_refused(1, 1), claim_refused(1, 2)});
  apply_all();
  const AuditFilter filter{.type = "ClaimRefused"};
  const std::string cursor = models().audit(filter, {}, 1).value().next.value();
  const Position later = history_.happens(claim_refused(1, 3));
  stop();
  apply_all();
  ASSERT_TRUE(models().rebuild("audit", true));

  const auto page = models().audit(filter, cursor, 50).value();
  ASSERT_EQ(page.items.size(), 2u);
  EXPECT_EQ(page.items.back().position, later);
}

TEST_F(AuditTrail, EndsAPageThatLooksAtTooMuchAndGoesOnBehindIt) {
  history_.happens(occasion_created(1));
  for (std::uint64_t claim = 0; claim < 300; ++claim) history_.happens(claim_refused(1, claim));
  const Position last = history_.happens(occasion_stepped(1, OccasionStep::open));
  apply_all();

  // Each has events in plenty, and no event has both: only going through them tells.
  const AuditFilter filter{.principal = "anonymous", .type = "OccasionOpened"};
  const AuditFilter nothing{.principal = "anonymous", .type = std::nullopt, .from = kNoon + 1h};
  EXPECT_EQ(all_pages(filter, 5), std::vector{last});
  EXPECT_TRUE(all_pages(nothing, 5).empty());

  const auto store = Store::open(directory_.path() / "elsewhere", {{{"audit", 2}}});
  const auto applied = [&](Partition partition) { return history_.log().end(partition); };
  const AuditFilter scan{.principal = "somebody else", .type = std::nullopt};
  const auto table = (*store)->live("audit");
  const auto indexed = trail_page(history_.log(), *table, applied, scan, {}, 5, 10).value();
  EXPECT_FALSE(indexed.next) << "the index has nothing of them";

  const AuditFilter anonymous{.principal = "anonymous", .to = kNoon};
  std::size_t pages = 0;
  std::string after;
  for (;; ++pages) {
    const auto page = trail_page(history_.log(), *table, applied, anonymous, after, 5, 100).value();
    EXPECT_TRUE(page.items.empty());
    if (!page.next) break;
    after = *page.next;
  }
  EXPECT_LE(pages, 10u);
}

TEST_F(AuditTrail, RefusesCursorsThatAreNoneOfItsOwn) {
  history_.happen({occasion_created(1), claim_refused(1, 1), claim_refused(1, 2)});
  apply_all();
  const std::string cursor = models().audit({}, {}, 1).value().next.value();
  EXPECT_EQ(models().audit({.type = "ClaimRefused"}, cursor, 1).error(), QueryError::bad_cursor);
  EXPECT_EQ(models().audit({}, "nonsense", 1).error(), QueryError::bad_cursor);
  EXPECT_EQ(models().audit({}, cursor.substr(1), 1).error(), QueryError::bad_cursor);
}

TEST_F(AuditTrail, EqualsALookAtEverythingForAnyFilter) {
  RandomBoxOffice office(history_, 42);
  office.go_on(400);
  apply_all();
  const Milliseconds span = history_.now() - kNoon;
  const bool holds = rc::check("the trail finds what a scan finds, in its order", [&] {
    RandomBoxOffice some(history_, *rc::gen::arbitrary<std::uint64_t>());
    const auto perhaps = [] { return *rc::gen::inRange(0, 3) == 0; };
    AuditFilter filter;
    if (perhaps()) filter.occasion = id<OccasionId>(some.some_occasion());
    if (perhaps()) filter.person = id<PersonId>(some.below(500));
    if (perhaps())
      filter.ticket = ticket_id(
          id<OccasionId>(some.some_occasion()),
          {static_cast<std::uint16_t>(some.below(2)), static_cast<std::uint32_t>(some.below(500))});
    if (perhaps())
      filter.principal = some.below(2) ? "anonymous" : to_text(id<KeyId>(some.some_key()));
    if (perhaps()) {
      const char* types[] = {"TicketClaimed",   "ClaimRefused", "boxoffice.KeyUsed",
                             "OccasionCreated", "ClaimExpired", "ReleaseRefused",
                             "NoSuchType"};
      filter.type = types[some.below(7)];
    }
    if (perhaps()) filter.from = kNoon + Milliseconds(some.below(span.count() + 2));
    if (perhaps()) filter.to = kNoon + Milliseconds(some.below(span.count() + 2));
    const auto limit = static_cast<std::size_t>(*rc::gen::inRange(1, 40));
    RC_ASSERT(all_pages(filter, limit) == scanned(history_, filter, history_.log().partitions()));
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace boxoffice::projections
