#include <rapidcheck.h>

#include <algorithm>

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
    for (std::uint16_t partition = 0; partition < partitions; ++partition)
      for (const auto& event : history.events({partition}))
        if (matches(filter, event.envelope, event.event)) found.push_back(event.envelope.position);
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

  const auto store = Store::open(directory_.path() / "elsewhere", {{{"audit", 1}}});
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
                             "OccasionCreated", "ClaimExpired", "NoSuchType"};
      filter.type = types[some.below(6)];
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
