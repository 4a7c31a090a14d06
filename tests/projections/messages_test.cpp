// What gateways and projectors say to each other comes out as it went in, whatever it is.
#include "projections/transport/messages.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events-schema/arbitrary.hpp"
#include "projections/transport/frames.hpp"

namespace boxoffice::projections::transport {
namespace {

namespace any = schema::arbitrary;

// Views are held by pointers; what is compared is what they point to.
template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}
template <class T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a && b ? *a == *b : a == b;
}
bool same(const KeyFound& a, const KeyFound& b) {
  return same(a.key, b.key) && same(a.occasion, b.occasion);
}
template <class T>
bool same(const QueryResult<Page<T>>& a, const QueryResult<Page<T>>& b) {
  if (!a || !b) return !a && !b && a.error() == b.error();
  return a->next == b->next &&
         std::ranges::equal(a->items, b->items, [](const T& x, const T& y) { return same(x, y); });
}
bool same(const Answer& a, const Answer& b) {
  return a.index() == b.index() && std::visit(
                                       [&](const auto& value) {
                                         using Value = std::decay_t<decltype(value)>;
                                         return same(value, std::get<Value>(b));
                                       },
                                       a);
}

Position position() {
  return {{static_cast<std::uint16_t>(any::integer(0, 1023))},
          {static_cast<std::uint64_t>(any::integer(0, INT64_MAX))}};
}
std::string words() { return any::text(0, 200); }

auto occasion_view() {
  return any::perhaps([] {
    return OccasionView{.id = any::id<schema::OccasionId>(),
                        .state = any::choice<schema::OccasionState>(schema::kOccasionStateCount),
                        .details = any::object<schema::OccasionDetails>(),
                        .organizer = any::perhaps([] { return any::id<schema::KeyId>(); }),
                        .last_event = position()};
  });
}
auto key_view() {
  return any::perhaps([] {
    return KeyView{.id = any::id<schema::KeyId>(),
                   .name = words(),
                   .role = any::choice<schema::Role>(schema::kRoleCount),
                   .occasion = any::perhaps([] { return any::id<schema::OccasionId>(); }),
                   .hash = any::digest(),
                   .created_at = any::instant(),
                   .last_used_at = any::perhaps([] { return any::instant(); }),
                   .last_event = position()};
  });
}
template <class View>
std::shared_ptr<const View> shared(const std::optional<View>& view) {
  return view ? std::make_shared<const View>(*view) : nullptr;
}
template <class T>
QueryResult<T> result(T value) {
  if (any::integer(0, 5) == 0) return std::unexpected(any::choice<QueryError>(2));
  return value;
}
template <class Make>
auto page(Make make) {
  return result(Page<decltype(make())>{.items = any::list(0, 6, make),
                                       .next = any::perhaps([] { return words(); })});
}
ClaimView claim() {
  return {.occasion = any::id<schema::OccasionId>(),
          .id = any::id<schema::ClaimId>(),
          .person = any::id<schema::PersonId>(),
          .ticket = any::id<schema::TicketId>(),
          .pool = words(),
          .number = static_cast<std::uint32_t>(any::integer(0, UINT32_MAX)),
          .state = any::choice<ClaimState>(4),
          .expires_at = any::perhaps([] { return any::instant(); }),
          .last_event = position()};
}

Answer answer() {
  switch (any::integer(0, 8)) {
    case 0:
      return std::monostate();
    case 1:
      return shared(occasion_view());
    case 2:
      return page([] { return shared(occasion_view()); });
    case 3:
      return shared(any::perhaps([] {
        return AvailabilityView{words(), position(),
                                any::choice<schema::OccasionState>(schema::kOccasionStateCount)};
      }));
    case 4:
      return result(any::perhaps([] { return claim(); }));
    case 5:
      return KeyFound{shared(key_view()), shared(occasion_view())};
    case 6:
      return page([] { return shared(key_view()); });
    case 7:
      return page([] { return AuditItem{position(), words()}; });
    default:
      return result(any::list(0, 4, [] { return any::perhaps([] { return words(); }); }));
  }
}

Scope scope() {
  switch (any::integer(0, 2)) {
    case 0:
      return {};
    case 1:
      return any::id<schema::OccasionId>();
    default:
      return any::id<schema::KeyId>();
  }
}
std::uint16_t limit() { return static_cast<std::uint16_t>(any::integer(1, 500)); }

AuditFilter filter() {
  return {.occasion = any::perhaps([] { return any::id<schema::OccasionId>(); }),
          .person = any::perhaps([] { return any::id<schema::PersonId>(); }),
          .ticket = any::perhaps([] { return any::id<schema::TicketId>(); }),
          .principal = any::perhaps(words),
          .type = any::perhaps(words),
          .from = any::perhaps([] { return any::instant(); }),
          .to = any::perhaps([] { return any::instant(); })};
}

Question question() {
  switch (any::integer(0, 8)) {
    case 0:
      return Arrival();
    case 1:
      return OccasionById{any::id<schema::OccasionId>()};
    case 2:
      return OccasionList{
          any::list(0, 5,
                    [] { return any::choice<schema::OccasionState>(schema::kOccasionStateCount); }),
          scope(), words(), limit()};
    case 3:
      return AvailabilityById{any::id<schema::OccasionId>()};
    case 4:
      return ClaimById{any::id<schema::OccasionId>(), any::id<schema::ClaimId>()};
    case 5:
      return KeyById{any::id<schema::KeyId>()};
    case 6:
      return KeyList{scope(), any::perhaps([] { return any::id<schema::OccasionId>(); }), words(),
                     limit()};
    case 7:
      return AuditTrail{filter(), words(), limit()};
    default:
      return WrappedKeys{any::list(0, 6, [] {
        return WrappedKeys::Name{{static_cast<std::uint16_t>(any::integer(0, 1023))}, words()};
      })};
  }
}

bool same(const OccasionList& a, const OccasionList& b) {
  return a.states == b.states && a.scope == b.scope && a.after == b.after && a.limit == b.limit;
}
bool same(const KeyList& a, const KeyList& b) {
  return a.scope == b.scope && a.occasion == b.occasion && a.after == b.after && a.limit == b.limit;
}
bool same(const AuditTrail& a, const AuditTrail& b) {
  return a.filter == b.filter && a.after == b.after && a.limit == b.limit;
}
bool same(const WrappedKeys& a, const WrappedKeys& b) {
  return std::ranges::equal(a.names, b.names,
                            [](const WrappedKeys::Name& x, const WrappedKeys::Name& y) {
                              return x.partition == y.partition && x.name == y.name;
                            });
}
bool same(const Arrival&, const Arrival&) { return true; }
bool same(const OccasionById& a, const OccasionById& b) { return a.id == b.id; }
bool same(const AvailabilityById& a, const AvailabilityById& b) { return a.id == b.id; }
bool same(const ClaimById& a, const ClaimById& b) {
  return a.occasion == b.occasion && a.id == b.id;
}
bool same(const KeyById& a, const KeyById& b) { return a.id == b.id; }

std::string_view payload_of(const std::string& frame) { return std::string_view(frame).substr(4); }

RC_GTEST_PROP(AnAnswer, ComesOutAsItWentIn, ()) {
  const Answered sent{.number = static_cast<std::uint64_t>(any::integer(0, INT64_MAX)),
                      .answer = answer()};
  const auto read = response_from(payload_of(frame_of(Response(sent))));
  RC_ASSERT(read.has_value());
  RC_ASSERT(std::get<Answered>(*read).number == sent.number);
  RC_ASSERT(same(std::get<Answered>(*read).answer, sent.answer));
}

RC_GTEST_PROP(AQuestion, ComesOutAsItWentIn, ()) {
  const Ask sent{.number = static_cast<std::uint64_t>(any::integer(0, INT64_MAX)),
                 .wait_ms = static_cast<std::uint32_t>(any::integer(0, 60'000)),
                 .strict = any::boolean(),
                 .at_least = any::list(0, 20, position),
                 .question = question()};
  const auto read = request_from(payload_of(frame_of(Request(sent))));
  RC_ASSERT(read.has_value());
  const auto& got = std::get<Ask>(*read);
  RC_ASSERT(got.number == sent.number);
  RC_ASSERT(got.wait_ms == sent.wait_ms);
  RC_ASSERT(got.strict == sent.strict);
  RC_ASSERT(got.at_least == sent.at_least);
  RC_ASSERT(got.question.index() == sent.question.index());
  RC_ASSERT(std::visit(
      [&](const auto& asked) {
        return same(asked, std::get<std::decay_t<decltype(asked)>>(got.question));
      },
      sent.question));
}

RC_GTEST_PROP(AMessage, ThatIsCutShortIsNone, ()) {
  const std::string frame = frame_of(Response(Answered{.number = 1, .answer = answer()}));
  const std::string_view payload = payload_of(frame);
  const auto kept =
      static_cast<std::size_t>(any::integer(0, static_cast<std::int64_t>(payload.size()) - 1));
  RC_ASSERT(!response_from(payload.substr(0, kept)).has_value());
  RC_ASSERT(!response_from(std::string(payload) + 'x').has_value());
}

TEST(AMessage, TellsHowAProjectorIs) {
  const Pong sent{.number = 7,
                  .health = {.ready = true, .lag_ms = 12, .under_way = 3, .applied = {{4}, {5}}}};
  const auto read = response_from(payload_of(frame_of(Response(sent))));
  ASSERT_TRUE(read.has_value());
  const Health& health = std::get<Pong>(*read).health;
  EXPECT_TRUE(health.ready);
  EXPECT_EQ(health.lag_ms, 12u);
  EXPECT_EQ(health.under_way, 3u);
  EXPECT_TRUE(health.reached({{1}, {5}}));
  EXPECT_FALSE(health.reached({{1}, {6}}));
  EXPECT_FALSE(health.reached({{2}, {0}}));
}

TEST(AMessage, WithMoreItemsThanAnyHasIsNone) {
  Ask ask{.number = 1, .question = Arrival()};
  ask.at_least.resize(kItemsMax);
  EXPECT_TRUE(request_from(payload_of(frame_of(Request(ask)))).has_value());
  ask.at_least.resize(kItemsMax + 1);
  EXPECT_FALSE(request_from(payload_of(frame_of(Request(ask)))).has_value());
}

TEST(AFrame, IsFoundHoweverItsBytesCome) {
  const std::string bytes = frame_of(Request(Ping{1})) + frame_of(Request(Ping{2}));
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    FrameCutter cutter(1 << 10);
    std::vector<std::uint64_t> seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      const auto taken =
          cutter.take(std::string_view(bytes).substr(at, step), [&](std::string_view payload) {
            seen.push_back(std::get<Ping>(*request_from(payload)).number);
            return std::expected<void, LinkError>();
          });
      ASSERT_TRUE(taken.has_value());
    }
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2})) << "in pieces of " << step;
  }
}

TEST(AFrame, ThatClaimsToBeTooLongIsRefusedBeforeItComes) {
  FrameCutter cutter(100);
  const auto none = [](std::string_view) { return std::expected<void, LinkError>(); };
  EXPECT_TRUE(cutter.take(std::string_view("\0\0\0", 3), none).has_value());
  const auto taken = cutter.take("\x65", none);
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error(), LinkError::frame_too_long);
}

}  // namespace
}  // namespace boxoffice::projections::transport
