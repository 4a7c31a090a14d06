// The checkers can fail: each is shown what must never happen, and what looks like it and may.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/forged_history.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/readers.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {
namespace {

using namespace schema;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

namespace words = vocabulary;

constexpr Milliseconds kTtl = 5min;

/// What the checker said; nothing where it was content.
std::string said_of(const auto& happening) {
  try {
    happening();
  } catch (const Violation& violation) {
    return violation.what();
  }
  return "";
}

class BoxOffice : public ::testing::Test {
 protected:
  explicit BoxOffice(std::int64_t capacity = 3) : details_(words::details(capacity, kTtl)) {
    history_.happens("gala", OccasionCreated{.details = details_, .state = OccasionState::draft});
  }
  void open() {
    history_.happens("gala", OccasionOpened{.details = details_, .state = OccasionState::open});
  }
  void cancel() {
    history_.happens("gala",
                     OccasionCancelled{.details = details_, .state = OccasionState::cancelled});
  }

  TicketId ticket(std::uint32_t number) const {
    return ticket_id(words::occasion("gala").as<OccasionTag>(), {0, number});
  }
  TicketClaimed claimed(std::string_view person, std::uint32_t number) const {
    return {.claim = words::named<ClaimId>(person),
            .person = words::named<PersonId>(person),
            .ip = words::named<IpId>(person),
            .ticket = ticket(number),
            .pool = "main",
            .number = number,
            .expires_at = history_.now() + kTtl,
            .address = "s1.AAAAAAAAAAA.AAAA"};
  }
  /// Any other event of the claim.
  template <class Event>
  Event of_claim(std::string_view person, std::uint32_t number, Event event) const {
    event.claim = words::named<ClaimId>(person);
    event.person = words::named<PersonId>(person);
    event.ticket = ticket(number);
    event.pool = "main";
    event.number = number;
    return event;
  }
  ClaimRefused refused(std::string_view person, ClaimRefusal refusal,
                       std::optional<ClaimRule> rule = std::nullopt) const {
    return {.claim = words::named<ClaimId>("another of " + std::string(person)),
            .person = words::named<PersonId>(person),
            .ip = words::named<IpId>(person),
            .refusal = refusal,
            .rule = rule};
  }
  Position happens(Event event) { return history_.happens("gala", std::move(event)); }
  std::string said_of_event(Event event) {
    return said_of([&] { happens(std::move(event)); });
  }

  OccasionDetails details_;
  ForgedHistory history_;
};

class TicketsAreCheckedTo : public BoxOffice {
 protected:
  TicketsAreCheckedTo() { open(); }
};

TEST_F(TicketsAreCheckedTo, BeHeldByOne) {
  happens(claimed("ada", 1));
  EXPECT_THAT(said_of_event(claimed("bob", 1)), HasSubstr("held by two"));
  EXPECT_EQ(said_of_event(claimed("carol", 2)), "");
}

TEST_F(TicketsAreCheckedTo, BeThere) {
  EXPECT_THAT(said_of_event(claimed("ada", 4)), HasSubstr("no such ticket"));
}

TEST_F(TicketsAreCheckedTo, StayBurned) {
  details_.claims->on_expiry = OnExpiry::burn;
  OccasionChange change;
  change.claims.emplace(ClaimsChange{.on_expiry = OnExpiry::burn});
  happens(OccasionChanged{.change = change, .details = details_, .state = OccasionState::open});
  const Position armed = happens(claimed("ada", 1));
  history_.pass(kTtl);
  history_.times_out("gala", of_claim("ada", 1, ClaimExpired{.became = ExpiredTicket::burned}),
                     armed);
  EXPECT_THAT(said_of_event(claimed("bob", 1)), HasSubstr("burned"));
}

TEST_F(TicketsAreCheckedTo, ComeBackOnlyInTime) {
  const Position armed = happens(claimed("ada", 1));
  const auto expired = of_claim("ada", 1, ClaimExpired{.became = ExpiredTicket::returned});
  history_.pass(kTtl - 1ms);
  EXPECT_THAT(said_of([&] { history_.times_out("gala", expired, armed); }),
              HasSubstr("before its time"));
  history_.pass(1ms);
  EXPECT_THAT(said_of([&] {
                history_.times_out("gala", expired, {{0}, {1}});
              }),
              HasSubstr("what armed it"));
  history_.times_out("gala", expired, armed);
  EXPECT_EQ(said_of_event(claimed("bob", 1)), "");
}

TEST_F(TicketsAreCheckedTo, BecomeWhatTheOccasionSays) {
  const Position armed = happens(claimed("ada", 1));
  history_.pass(kTtl);
  EXPECT_THAT(said_of([&] {
                history_.times_out(
                    "gala", of_claim("ada", 1, ClaimExpired{.became = ExpiredTicket::burned}),
                    armed);
              }),
              HasSubstr("what the occasion says"));
}

TEST_F(TicketsAreCheckedTo, BeOneForAPerson) {
  happens(claimed("ada", 1));
  TicketClaimed second = claimed("ada", 2);
  second.claim = words::named<ClaimId>("her second");
  EXPECT_THAT(said_of_event(second), HasSubstr("two claims of one person"));
  history_.pass(kTtl);
  second.expires_at = history_.now() + kTtl;
  EXPECT_EQ(said_of_event(second), "") << "the first is past its time";
}

TEST_F(TicketsAreCheckedTo, BeConfirmedInTime) {
  happens(claimed("ada", 1));
  history_.pass(kTtl);
  EXPECT_THAT(said_of_event(of_claim("ada", 1, ClaimConfirmed{})), HasSubstr("expired"));
}

TEST_F(TicketsAreCheckedTo, BeConfirmedByWhoHoldsThem) {
  happens(claimed("ada", 1));
  EXPECT_THAT(said_of_event(of_claim("bob", 1, ClaimConfirmed{})), HasSubstr("does not hold"));
}

TEST_F(TicketsAreCheckedTo, BeGoneWhereItIsSoldOut) {
  happens(claimed("ada", 1));
  happens(claimed("bob", 2));
  EXPECT_THAT(said_of_event(refused("carol", ClaimRefusal::sold_out)), HasSubstr("was free"));
  happens(claimed("dan", 3));
  EXPECT_EQ(said_of_event(refused("carol", ClaimRefusal::sold_out)), "");
  history_.pass(kTtl);
  EXPECT_THAT(said_of_event(refused("carol", ClaimRefusal::sold_out)), HasSubstr("was due"));
}

TEST_F(TicketsAreCheckedTo, BeHeldByWhoIsRefusedForThem) {
  happens(claimed("ada", 1));
  const auto refusal = ClaimRefusal::already_claimed;
  EXPECT_EQ(said_of_event(refused("ada", refusal, ClaimRule::one_per_email)), "");
  EXPECT_THAT(said_of_event(refused("bob", refusal, ClaimRule::one_per_email)),
              HasSubstr("holds nothing"));
  EXPECT_THAT(said_of_event(refused("ada", refusal, ClaimRule::one_per_ip)),
              HasSubstr("holds nothing"))
      << "the rule is off";
}

class OccasionsAreCheckedTo : public BoxOffice {};

TEST_F(OccasionsAreCheckedTo, GrantNothingBeforeTheyOpen) {
  EXPECT_THAT(said_of_event(claimed("ada", 1)), HasSubstr("outside `open`"));
}

TEST_F(OccasionsAreCheckedTo, GrantNothingOnceCancelled) {
  open();
  happens(claimed("ada", 1));
  cancel();
  EXPECT_THAT(said_of_event(claimed("bob", 2)), HasSubstr("outside `open`"));
  EXPECT_THAT(said_of_event(of_claim("ada", 1, ClaimConfirmed{})), HasSubstr("cancelled"));
  EXPECT_THAT(said_of([&] { open(); }), HasSubstr("cancelled"));
  EXPECT_EQ(said_of_event(of_claim("ada", 1, ClaimReleased{})), "") << "giving back is no grant";
}

TEST_F(OccasionsAreCheckedTo, KeepRoomForWhatIsGivenAway) {
  open();
  happens(claimed("ada", 1));
  happens(claimed("bob", 2));
  const auto shrunk = [&](std::int64_t capacity) {
    OccasionDetails details = details_;
    details.pools[0].capacity = capacity;
    OccasionChange change;
    change.pools = details.pools;
    return OccasionChanged{.change = change, .details = details, .state = OccasionState::open};
  };
  EXPECT_THAT(said_of_event(shrunk(1)), HasSubstr("smaller than what is given away"));
  EXPECT_EQ(said_of_event(shrunk(2)), "");
}

TEST_F(OccasionsAreCheckedTo, BecomeWhatWasAskedForAndNothingElse) {
  OccasionDetails details = details_;
  details.venue = "Barn";
  OccasionChange change;
  change.venue = "Hall";
  EXPECT_THAT(said_of_event(OccasionChanged{
                  .change = change, .details = details, .state = OccasionState::draft}),
              HasSubstr("other than what was asked for"));
}

TEST_F(OccasionsAreCheckedTo, ChangeOnlyForWhoSawTheLastState) {
  open();
  EXPECT_THAT(said_of_event(OccasionClosed{
                  .if_match = Sequence{1}, .details = details_, .state = OccasionState::closed}),
              HasSubstr("saw another state"));
  EXPECT_THAT(said_of_event(OccasionStepRefused{.step = OccasionStep::close,
                                                .if_match = Sequence{2},
                                                .refusal = OccasionRefusal::precondition_failed}),
              HasSubstr("is said not to have"));
}

class KeysAreCheckedTo : public ::testing::Test {
 protected:
  std::string said_of_event(Event event) {
    return said_of([&] { history_.happens("key", std::move(event)); });
  }
  void SetUp() override { history_.happens("key", KeyCreated{.name = "Gate 1"}); }
  ForgedHistory history_;
};

TEST_F(KeysAreCheckedTo, StayDeleted) {
  EXPECT_EQ(said_of_event(KeyUsed{}), "");
  EXPECT_EQ(said_of_event(KeyDeleted{}), "");
  EXPECT_THAT(said_of_event(KeyUsed{}), HasSubstr("does not work"));
  EXPECT_THAT(said_of_event(KeyDeleted{}), HasSubstr("not there"));
  EXPECT_THAT(said_of_event(KeyCreated{.name = "Gate 1"}), HasSubstr("made again"));
  EXPECT_EQ(said_of_event(KeyCreationRefused{.name = "Gate 1", .refusal = KeyRefusal::key_ended}),
            "");
}

TEST_F(KeysAreCheckedTo, WorkUntilThen) {
  EXPECT_THAT(said_of_event(KeyUseRefused{.refusal = KeyRefusal::unknown_key}),
              HasSubstr("that works"));
  EXPECT_THAT(said_of_event(KeyCreationRefused{.name = "Gate 1", .refusal = KeyRefusal::key_ended}),
              HasSubstr("has not ended"));
}

class HistoryIsCheckedTo : public ::testing::Test {
 protected:
  Position use(std::string_view key) { return history_.happens("key", KeyUsed{}, key); }
  void SetUp() override { history_.happens("key", KeyCreated{.name = "Gate 1"}); }
  ForgedHistory history_;
};

TEST_F(HistoryIsCheckedTo, DecideACommandOnce) {
  use("once");
  EXPECT_THAT(said_of([&] { use("once"); }), HasSubstr("was decided at 0:2 already"));
}

TEST_F(HistoryIsCheckedTo, DecideACommandOnceWhileItsKeyIsBound) {
  use("once");
  history_.pass(24h - 1ms);
  EXPECT_THAT(said_of([&] { use("once"); }), HasSubstr("already"));
  history_.pass(1ms);
  EXPECT_EQ(said_of([&] { use("once"); }), "");
}

TEST_F(HistoryIsCheckedTo, DecideAgainWhatCameTooLate) {
  history_.happens("key", KeyUseRefused{.refusal = KeyRefusal::too_late}, "late");
  EXPECT_EQ(said_of([&] { use("late"); }), "");
  EXPECT_THAT(said_of([&] { use("late"); }), HasSubstr("already"));
}

TEST_F(HistoryIsCheckedTo, BeWhole) {
  history_.sequence = Sequence{3};
  EXPECT_THAT(said_of([&] { use("a"); }), HasSubstr("a sequence is missing"));
}

TEST_F(HistoryIsCheckedTo, BeOneChain) {
  history_.previous = sealing::sha256("another event than the one before");
  EXPECT_THAT(said_of([&] { use("a"); }), HasSubstr("the chain is broken"));
}

TEST_F(HistoryIsCheckedTo, NeverGoBackInTime) {
  history_.pass(-1ms);
  EXPECT_THAT(said_of([&] { use("a"); }), HasSubstr("time went back"));
}

/// What clients were answered about a history.
class AnswersAreCheckedTo : public HistoryIsCheckedTo {
 protected:
  /// As the event at `position` says; `value` is what else it may have said.
  void answer(std::string_view key, Position position, std::string value = "") {
    const Recorded& event = history_.historian.at(position);
    auto batch = std::make_shared<event_log::Batch>();
    batch->events.push_back({.topic = topic_of(event.event),
                             .envelope = event.envelope,
                             .event = event.event,
                             .value = value.empty() ? event.value : value});
    batch->events.back().envelope.causation = to_text(words::identity(key));
    ledger_.answered(words::identity(key), asked_[std::string(key)],
                     {.batch = batch, .first = 0, .count = 1});
  }
  void ask(std::string_view key) { asked_[std::string(key)] = ledger_.now(); }
  std::string said_at_the_end() {
    return said_of([&] { ledger_.check(history_.historian); });
  }

  Ledger ledger_;
  std::map<std::string, Ledger::Moment> asked_;
};

TEST_F(AnswersAreCheckedTo, StandInHistory) {
  ask("a");
  answer("a", use("a"));
  EXPECT_EQ(said_at_the_end(), "");
  ask("b");
  answer("b", use("b"), "what was never on the log");
  EXPECT_THAT(said_at_the_end(), HasSubstr("an answered command is lost: 0:3"));
}

TEST_F(AnswersAreCheckedTo, NotBeForgottenByALogThatWasCutOff) {
  ask("a");
  const Position last = use("a");
  answer("a", last);
  ForgedHistory shorter;
  EXPECT_THAT(said_of([&] { ledger_.check(shorter.historian); }), HasSubstr("is lost"));
}

TEST_F(AnswersAreCheckedTo, BeTheSameEachTime) {
  ask("a");
  const Position decided = use("a");
  answer("a", decided);
  answer("a", decided);
  EXPECT_THAT(said_of([&] { answer("a", decided, "something else"); }), HasSubstr("otherwise"));
  const Position another = use("b");
  EXPECT_THAT(said_of([&] { answer("a", another); }), HasSubstr("otherwise"));
}

TEST_F(AnswersAreCheckedTo, StandInTheOrderThatClientsHaveSeen) {
  const Position first = use("b");
  ask("a");
  answer("a", use("a"));
  ask("b");  // after "a" was answered, and yet decided before it
  answer("b", first);
  EXPECT_THAT(said_at_the_end(), HasSubstr("answered before it was sent"));
}

/// Read models that say that they are where they are asked to be, and have nothing.
class EmptyModels final : public projections::Queries {
 public:
  template <class T>
  using Page = projections::QueryResult<projections::Page<T>>;

  std::shared_ptr<const projections::OccasionView> occasion(const OccasionId&) const override {
    return nullptr;
  }
  Page<std::shared_ptr<const projections::OccasionView>> occasions(std::span<const OccasionState>,
                                                                   std::string_view,
                                                                   std::size_t) const override {
    return {};
  }
  std::shared_ptr<const projections::AvailabilityView> availability(
      const OccasionId&) const override {
    return nullptr;
  }
  projections::QueryResult<std::optional<projections::ClaimView>> claim(
      const OccasionId&, const ClaimId&) const override {
    return std::nullopt;
  }
  std::shared_ptr<const projections::KeyView> key(const KeyId&) const override { return nullptr; }
  Page<std::shared_ptr<const projections::KeyView>> keys(std::string_view,
                                                         std::size_t) const override {
    return {};
  }
  Page<projections::AuditItem> audit(const projections::AuditFilter&, std::string_view,
                                     std::size_t) const override {
    return {};
  }
  projections::QueryResult<std::optional<std::string>> wrapped_key(
      Partition, std::string_view) const override {
    return std::nullopt;
  }
  bool reached(Position) const override { return true; }
  void when_reached(std::vector<Position>, std::chrono::steady_clock::time_point,
                    std::function<void(bool)> then) const override {
    then(true);
  }
  std::chrono::milliseconds lag() const override { return {}; }
};

class ReadersCheck : public BoxOffice {
 protected:
  std::string said_to_who_made(const Event& event) {
    auto batch = std::make_shared<event_log::Batch>();
    batch->events.push_back(
        {.envelope = {.position = {{0}, {1}}, .subject = to_text(words::occasion("gala"))},
         .event = event});
    Readers readers;
    readers.want({.batch = batch, .first = 0, .count = 1});
    return said_of([&] { readers.ask(EmptyModels()); });
  }
};

TEST_F(ReadersCheck, ThatTheirOwnWritesAreThere) {
  EXPECT_THAT(said_to_who_made(claimed("ada", 1)), HasSubstr("not read back"));
  EXPECT_THAT(said_to_who_made(OccasionCreated{.details = details_}), HasSubstr("not read back"));
  EXPECT_EQ(said_to_who_made(KeyDeleted{}), "") << "that it is not there is right";
}

}  // namespace
}  // namespace boxoffice::simulation
