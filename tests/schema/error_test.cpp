// What is wrong is refused with its kind and its place.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/schema/padded.hpp"

namespace boxoffice::schema {
namespace {

using schema_test::Padded;

constexpr auto malformed = ParseErrorKind::malformed;
constexpr auto unknown_field = ParseErrorKind::unknown_field;
constexpr auto missing_field = ParseErrorKind::missing_field;
constexpr auto wrong_type = ParseErrorKind::wrong_type;
constexpr auto out_of_range = ParseErrorKind::out_of_range;
constexpr auto unknown_schema = ParseErrorKind::unknown_schema;

struct Refusal {
  ParseErrorKind kind;
  std::string pointer;
  bool operator==(const Refusal&) const = default;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << "kind " << static_cast<int>(refusal.kind) << " at '" << refusal.pointer << "'";
}

std::optional<Refusal> refusal(std::expected<void, ParseError> result) {
  if (result) return std::nullopt;
  EXPECT_FALSE(result.error().detail.empty());
  return Refusal{result.error().kind, result.error().pointer};
}

template <class T>
std::optional<Refusal> reading(std::string_view text) {
  static Reader reader;
  T into;
  return refusal(reader.object(Padded(text), into));
}

std::optional<Refusal> refused(ParseErrorKind kind, std::string pointer) {
  return Refusal{kind, std::move(pointer)};
}

std::string details(std::string_view pools) {
  return R"({"name":"Gala","starts_at":"2027-01-16T19:00:00.000Z","time_zone":"UTC","venue":"",)"
         R"("notes":"","pools":)" +
         std::string(pools) +
         R"(,"codes":{"length":4,"alphabet":"AB"},"totp":{"algorithm":"SHA1","digits":6,)"
         R"("period_s":30,"window":1},"admission":{"reentry":false,"opens_at":null,)"
         R"("closes_at":null,"undo_window_ms":0}})";
}

TEST(MalformedText, IsRefusedAsAWhole) {
  for (const std::string_view text :
       {"", " ", "{", "}", "nul", "{\"name\"", "{\"name\":\"x}", "{\"name\":\"x\xff\"}", "{]",
        "{\"name\":\"\n\",\"capacity\":1}", "\xef\xbb\xbf{}"})
    EXPECT_EQ(reading<Pool>(text), refused(malformed, "")) << text;
}

TEST(MalformedText, IsRefusedWhereItIsFound) {
  EXPECT_EQ(reading<Pool>(R"({"name":,"capacity":1})"), refused(malformed, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":"\x","capacity":1})"), refused(malformed, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":"\ud800","capacity":1})"), refused(malformed, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":"\udc00","capacity":1})"), refused(malformed, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":"x" "capacity":1})"), refused(malformed, ""));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":1,})"), refused(malformed, ""));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":1x})"), refused(malformed, "/capacity"));
  EXPECT_EQ(reading<ClaimsPolicy>(R"({"one_per_email":tru})"),
            refused(malformed, "/one_per_email"));
}

TEST(MalformedText, IsAlsoWhatFollowsTheObject) {
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":1} {})"), refused(malformed, ""));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":1}})"), refused(malformed, ""));
  EXPECT_EQ(reading<Pool>("{\"name\":\"x\",\"capacity\":1} \n"), std::nullopt);
}

TEST(DepthOfNesting, IsBoundedByTheSchema) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(reading<Pool>(deep), refused(wrong_type, ""));
  EXPECT_EQ(reading<Pool>(deep + std::string(100'000, ']')), refused(wrong_type, ""));
  std::string inside = "{\"name\":" + deep + std::string(100'000, ']') + "}";
  EXPECT_EQ(reading<Pool>(inside), refused(wrong_type, "/name"));
}

TEST(DoubledMembers, AreRefused) {
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":1,"name":"x"})"), refused(malformed, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","n\u0061me":"y","capacity":1})"),
            refused(malformed, "/name"));
}

TEST(UnknownMembers, AreNamed) {
  EXPECT_EQ(reading<Pool>(R"({"name":"x","seats":1,"capacity":1})"),
            refused(unknown_field, "/seats"));
  EXPECT_EQ(reading<Pool>(R"({"a/b~c":1})"), refused(unknown_field, "/a~1b~0c"));
  EXPECT_EQ(reading<Pool>(R"({"":1})"), refused(unknown_field, "/"));
  EXPECT_EQ(reading<Pool>(R"({"nam":1})"), refused(unknown_field, "/nam"));
  EXPECT_EQ(reading<Pool>(R"({"names":1})"), refused(unknown_field, "/names"));
  EXPECT_EQ(reading<DeleteKey>(R"({"x":1})"), refused(unknown_field, "/x"));
}

TEST(MissingMembers, AreNamed) {
  EXPECT_EQ(reading<Pool>("{}"), refused(missing_field, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":"x"})"), refused(missing_field, "/capacity"));
  EXPECT_EQ(reading<OccasionDetails>(details(R"([{"name":"x"}])")),
            refused(missing_field, "/pools/0/capacity"));
}

TEST(WrongTypes, AreRefusedAtTheirMember) {
  EXPECT_EQ(reading<Pool>("[]"), refused(wrong_type, ""));
  EXPECT_EQ(reading<Pool>("1"), refused(wrong_type, ""));
  EXPECT_EQ(reading<Pool>("\"x\""), refused(wrong_type, ""));
  EXPECT_EQ(reading<Pool>(R"({"name":1,"capacity":1})"), refused(wrong_type, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":null,"capacity":1})"), refused(wrong_type, "/name"));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":"1"})"), refused(wrong_type, "/capacity"));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":1.0})"), refused(wrong_type, "/capacity"));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":1e3})"), refused(wrong_type, "/capacity"));
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":true})"), refused(wrong_type, "/capacity"));
  EXPECT_EQ(reading<OccasionDetails>(details("{}")), refused(wrong_type, "/pools"));
  EXPECT_EQ(reading<OccasionDetails>(details("[1]")), refused(wrong_type, "/pools/0"));
  EXPECT_EQ(reading<ClaimsPolicy>(R"({"one_per_email":1})"), refused(wrong_type, "/one_per_email"));
}

TEST(WrongTypes, AreTextsThatNoValueHas) {
  EXPECT_EQ(reading<ClaimsPolicy>(R"({"on_expiry":"Return"})"), refused(wrong_type, "/on_expiry"));
  EXPECT_EQ(reading<ConfirmClaim>(R"({"claim":"QUJDREVGR0hJSktMTU5PUB"})"),
            refused(wrong_type, "/claim"));
  EXPECT_EQ(reading<ConfirmClaim>(R"({"claim":""})"), refused(wrong_type, "/claim"));
  EXPECT_EQ(reading<OccasionChange>(R"({"starts_at":"2027-02-30T00:00:00.000Z"})"),
            refused(wrong_type, "/starts_at"));
  EXPECT_EQ(reading<ClaimTicket>(R"({"address":"ada@example.org"})"),
            refused(wrong_type, "/address"));
  EXPECT_EQ(reading<ClaimTicket>(R"({"address":"s1.AAAAAAAAAAA."})"),
            refused(wrong_type, "/address"));
}

TEST(Ranges, HoldForNumbers) {
  for (const std::string_view number : {"0", "-1", "50000001", "99999999999999999999999999",
                                        "-99999999999999999999999999", "9223372036854775808"})
    EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":)" + std::string(number) + "}"),
              refused(out_of_range, "/capacity"))
        << number;
  EXPECT_EQ(reading<Pool>(R"({"name":"x","capacity":50000000})"), std::nullopt);
  EXPECT_EQ(reading<StepOccasion>(R"({"step":"open","if_match":0})"),
            refused(out_of_range, "/if_match"));
}

TEST(Ranges, HoldForTextsInCharactersNotBytes) {
  const auto pool = [](const std::string& name) {
    return reading<Pool>(R"({"name":")" + name + R"(","capacity":1})");
  };
  std::string tickets;
  for (int i = 0; i < 100; ++i) tickets += "🎟";
  EXPECT_EQ(pool(""), refused(out_of_range, "/name"));
  EXPECT_EQ(pool(std::string(100, 'x')), std::nullopt);
  EXPECT_EQ(pool(std::string(101, 'x')), refused(out_of_range, "/name"));
  EXPECT_EQ(pool(tickets), std::nullopt);
  EXPECT_EQ(pool(tickets + "x"), refused(out_of_range, "/name"));
  EXPECT_EQ(pool("\\ud83c\\udf9f"), std::nullopt);
}

TEST(Ranges, HoldForArrays) {
  EXPECT_EQ(reading<OccasionDetails>(details("[]")), refused(out_of_range, "/pools"));
  std::string pools = "[";
  for (int i = 0; i < 64; ++i) pools += R"({"name":"x","capacity":1},)";
  std::string most = pools;
  most.back() = ']';
  EXPECT_EQ(reading<OccasionDetails>(details(most)), std::nullopt);
  EXPECT_EQ(reading<OccasionDetails>(details(pools + R"({"name":"x","capacity":1}])")),
            refused(out_of_range, "/pools"));
}

TEST(Members, MayComeInAnyOrder) {
  Reader reader;
  Pool pool;
  ASSERT_TRUE(reader.object(Padded(R"( { "capacity" : 7 , "n\u0061me" : "x" } )"), pool));
  EXPECT_EQ(pool, (Pool{.name = "x", .capacity = 7}));
}

TEST(MergePatches, TellAbsentFromNull) {
  Reader reader;
  OccasionChange change;
  ASSERT_TRUE(
      reader.object(Padded(R"({"claims":null,"requests":{"public_source":null}})"), change));
  EXPECT_EQ(change.claims, std::make_optional(std::optional<ClaimsChange>()));
  ASSERT_TRUE(change.requests && *change.requests);
  EXPECT_EQ((*change.requests)->public_source, std::make_optional(std::optional<std::string>()));
  EXPECT_EQ((*change.requests)->largest, std::nullopt);
  ASSERT_TRUE(reader.object(Padded("{}"), change));
  EXPECT_EQ(change, OccasionChange{});
}

TEST(Readers, GoOnAfterAnError) {
  Reader reader;
  Pool pool;
  EXPECT_FALSE(reader.object(Padded(R"({"name":[1,{"a":2}]})"), pool));
  EXPECT_TRUE(reader.object(Padded(R"({"name":"x","capacity":7})"), pool));
}

// The envelope.

using Members = std::vector<std::pair<std::string, std::string>>;

Members key_used() {
  return {{"specversion", R"("1.0")"},
          {"id", R"("3-1842")"},
          {"source", R"("boxoffice:k3v9q2m7x1ab")"},
          {"type", R"("boxoffice.KeyUsed")"},
          {"subject", R"("QUJDREVGR0hJSktMTU5PUA")"},
          {"time", R"("2027-01-16T19:00:00.000Z")"},
          {"dataschema", R"("urn:boxoffice:KeyUsed:1")"},
          {"sequence", R"("0000000000001842")"},
          {"prevhash", R"("")"},
          {"data", "{}"}};
}

std::string joined(const Members& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) text += '"' + name + "\":" + value + ',';
  text.back() = '}';
  return text;
}

std::optional<Refusal> reading_event(const Members& members) {
  Reader reader;
  Envelope envelope;
  Event event;
  return refusal(reader.event(Padded(joined(members)), envelope, event));
}

/// The event with one member changed, or added before `data`.
std::optional<Refusal> with(const std::string& name, const std::string& value) {
  Members members = key_used();
  for (auto& [known, old] : members)
    if (known == name) {
      old = value;
      return reading_event(members);
    }
  members.insert(members.end() - 1, {name, value});
  return reading_event(members);
}

TEST(Envelopes, AreReadWithTheirMembersInAnyOrderButDataAfterItsSchema) {
  Members members = key_used();
  EXPECT_EQ(reading_event(members), std::nullopt);
  std::reverse(members.begin(), members.end() - 1);
  EXPECT_EQ(reading_event(members), std::nullopt);
  std::reverse(members.begin(), members.end());
  EXPECT_EQ(reading_event(members), refused(malformed, "/data"));
}

TEST(Envelopes, LackNothingThatIsRequired) {
  for (std::size_t i = 0; i + 1 < key_used().size(); ++i) {
    Members members = key_used();
    const std::string name = members[i].first;
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(i));
    const bool names_data = name == "type" || name == "dataschema";
    EXPECT_EQ(reading_event(members),
              names_data ? refused(malformed, "/data") : refused(missing_field, "/" + name));
  }
  Members members = key_used();
  members.pop_back();
  EXPECT_EQ(reading_event(members), refused(missing_field, "/data"));
}

TEST(Envelopes, HaveTextsOfTheirForm) {
  EXPECT_EQ(with("specversion", R"("1.1")"), refused(wrong_type, "/specversion"));
  EXPECT_EQ(with("id", R"("3-01842")"), refused(wrong_type, "/id"));
  EXPECT_EQ(with("id", R"("3-0")"), refused(wrong_type, "/id"));
  EXPECT_EQ(with("source", R"("elsewhere:k3v9q2m7x1ab")"), refused(wrong_type, "/source"));
  EXPECT_EQ(with("source", R"("boxoffice:K3v9q2m7x1ab")"), refused(wrong_type, "/source"));
  EXPECT_EQ(with("type", R"("KeyUsed")"), refused(wrong_type, "/type"));
  EXPECT_EQ(with("dataschema", R"("urn:boxoffice:KeyUsed")"), refused(wrong_type, "/dataschema"));
  EXPECT_EQ(with("dataschema", R"("urn:boxoffice:KeyUsed:01")"),
            refused(wrong_type, "/dataschema"));
  EXPECT_EQ(with("time", R"("2027-01-16T19:00:00Z")"), refused(wrong_type, "/time"));
  EXPECT_EQ(with("prevhash", R"("00")"), refused(wrong_type, "/prevhash"));
  EXPECT_EQ(with("subject", R"("")"), refused(out_of_range, "/subject"));
  EXPECT_EQ(with("actor", R"("")"), refused(out_of_range, "/actor"));
  EXPECT_EQ(with("commandoffset", "-1"), refused(out_of_range, "/commandoffset"));
  EXPECT_EQ(with("data", "[]"), refused(wrong_type, "/data"));
  EXPECT_EQ(with("data", R"({"x":1})"), refused(unknown_field, "/data/x"));
  EXPECT_EQ(with("extra", "1"), refused(unknown_field, "/extra"));
}

TEST(Envelopes, SayTheirSequenceTwice) {
  EXPECT_EQ(with("sequence", R"("0000000000001843")"), refused(wrong_type, "/sequence"));
  EXPECT_EQ(with("sequence", R"("1842")"), refused(wrong_type, "/sequence"));
  EXPECT_EQ(with("sequence", R"("+000000000001842")"), refused(wrong_type, "/sequence"));
}

TEST(Envelopes, SayTheirNameTwice) {
  EXPECT_EQ(with("dataschema", R"("urn:boxoffice:KeyDeleted:1")"),
            refused(wrong_type, "/dataschema"));
}

TEST(UnknownSchemas, AreToldFromBadOnes) {
  EXPECT_EQ(with("dataschema", R"("urn:boxoffice:KeyUsed:2")"),
            refused(unknown_schema, "/dataschema"));
  Members members = key_used();
  members[3].second = R"("boxoffice.KeyLost")";
  members[6].second = R"("urn:boxoffice:KeyLost:1")";
  EXPECT_EQ(reading_event(members), refused(unknown_schema, "/dataschema"));

  Reader reader;
  Event event;
  Command command;
  EXPECT_EQ(refusal(reader.event_data("KeyLost", 1, Padded("{}"), event)),
            refused(unknown_schema, ""));
  EXPECT_EQ(refusal(reader.command_data("DeleteKey", 2, Padded("{}"), command)),
            refused(unknown_schema, ""));
}

}  // namespace
}  // namespace boxoffice::schema
