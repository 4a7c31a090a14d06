// The text forms of values: each value has one, and no other text is read.
#include <gtest/gtest.h>

#include "events-schema/envelope.hpp"

namespace boxoffice::schema {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Base64Url, FollowsTheStandardsVectorsWithoutPadding) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64url(bytes_of(bytes)), text);
    EXPECT_EQ(base64url_decoded(text), bytes);
  }
}

TEST(Base64Url, RefusesWhatIsNotTheTextOfAnyBytes) {
  for (const std::string_view text : {"Z", "Zg=", "Zg==", "Zh", "Zm9", "Z m8", "Zm8+", "Zm/8"})
    EXPECT_EQ(base64url_decoded(text), std::nullopt) << text;
}

TEST(Ids, AreReadFromTheirTextAlone) {
  const std::string text = "QUJDREVGR0hJSktMTU5PUA";
  const auto id = id_from_text<OccasionId>(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(std::string(id->bytes.begin(), id->bytes.end()), "ABCDEFGHIJKLMNOP");
  EXPECT_EQ(to_text(*id), text);
}

TEST(Ids, HaveOneLastCharacterForEachValue) {
  for (const char last : std::string_view("AQgw"))
    EXPECT_TRUE(id_from_text<OccasionId>("QUJDREVGR0hJSktMTU5PU" + std::string(1, last))) << last;
  for (const char last : std::string_view("BCDPRZafhvxz019-_"))
    EXPECT_FALSE(id_from_text<OccasionId>("QUJDREVGR0hJSktMTU5PU" + std::string(1, last))) << last;
}

TEST(Ids, BeginWithALetter) {
  EXPECT_TRUE(id_from_text<OccasionId>("fUJDREVGR0hJSktMTU5PUA"));
  for (const char first : std::string_view("gz09-_"))
    EXPECT_FALSE(id_from_text<OccasionId>(std::string(1, first) + "UJDREVGR0hJSktMTU5PUA"));
}

TEST(Ids, HaveOneLength) {
  EXPECT_FALSE(id_from_text<OccasionId>(""));
  EXPECT_FALSE(id_from_text<OccasionId>("QUJDREVGR0hJSktMTU5PU"));
  EXPECT_FALSE(id_from_text<OccasionId>("QUJDREVGR0hJSktMTU5PUAA"));
}

TEST(Instants, ReachFromTheFirstYearToTheLast) {
  EXPECT_EQ(to_text(Instant{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(Instant{Milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
  for (const std::string_view text :
       {"0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2027-01-16T19:00:00.123Z"}) {
    ASSERT_TRUE(instant_from_text(text)) << text;
    EXPECT_EQ(to_text(*instant_from_text(text)), text);
  }
  EXPECT_EQ(instant_from_text("2001-09-09T01:46:40.000Z")->time_since_epoch(),
            std::chrono::seconds{1'000'000'000});
}

TEST(Instants, KnowLeapYears) {
  for (const std::string_view text :
       {"2024-02-29T00:00:00.000Z", "2000-02-29T00:00:00.000Z", "0000-02-29T00:00:00.000Z"})
    EXPECT_EQ(to_text(instant_from_text(text).value_or(Instant{})), text);
  for (const std::string_view text : {"2023-02-29T00:00:00.000Z", "1900-02-29T00:00:00.000Z"})
    EXPECT_FALSE(instant_from_text(text)) << text;
}

TEST(Instants, HaveOneForm) {
  for (const std::string_view text :
       {"", "2027-01-16T19:00:00Z", "2027-01-16T19:00:00.00Z", "2027-01-16T19:00:00.0000Z",
        "2027-01-16t19:00:00.000Z", "2027-01-16 19:00:00.000Z", "2027-01-16T19:00:00.000z",
        "2027-01-16T19:00:00.000+00:00", "2027-13-16T19:00:00.000Z", "2027-00-16T19:00:00.000Z",
        "2027-01-00T19:00:00.000Z", "2027-04-31T19:00:00.000Z", "2027-01-16T24:00:00.000Z",
        "2027-01-16T19:60:00.000Z", "2027-01-16T19:00:60.000Z", "2027-01-16T19:00:00,000Z",
        "-027-01-16T19:00:00.000Z", "+027-01-16T19:00:00.000Z", "2027-1 -16T19:00:00.000Z"})
    EXPECT_FALSE(instant_from_text(text)) << text;
}

TEST(Rfc3339, SaysTheSameInstantInManyForms) {
  const std::optional<Instant> evening = instant_from_text("2027-01-16T19:00:00.250Z");
  ASSERT_TRUE(evening);
  for (const std::string_view text :
       {"2027-01-16T19:00:00.250Z", "2027-01-16T19:00:00.25Z", "2027-01-16T19:00:00.250000000Z",
        "2027-01-16t19:00:00.25z", "2027-01-16T19:00:00.25+00:00", "2027-01-16T19:00:00.25-00:00",
        "2027-01-16T20:00:00.25+01:00", "2027-01-17T00:45:00.25+05:45",
        "2027-01-16T15:30:00.25-03:30"})
    EXPECT_EQ(instant_from_rfc3339(text), evening) << text;
  EXPECT_EQ(instant_from_rfc3339("2027-01-16T19:00:00Z"), *evening - Milliseconds{250});
}

TEST(Rfc3339, IsAWholeMillisecondOfAYearThatCanBeWritten) {
  for (const std::string_view text :
       {"2027-01-16T19:00:00.0001Z", "2027-01-16T19:00:00.123456Z", "2027-01-16T19:00:00.Z",
        "2027-01-16T19:00:60Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"})
    EXPECT_FALSE(instant_from_rfc3339(text)) << text;
  for (const std::string_view text : {"0000-01-01T00:01:00+00:01", "9999-12-31T23:58:59-00:01"})
    EXPECT_TRUE(instant_from_rfc3339(text)) << text;
}

TEST(Rfc3339, IsNoOtherText) {
  for (const std::string_view text :
       {"", "2027-01-16", "2027-01-16T19:00:00", "2027-01-16T19:00:00.000", "2027-01-16T19:00Z",
        "2027-01-16 19:00:00Z", "2027-01-16T19:00:00,5Z", "2027-01-16T19:00:00+0100",
        "2027-01-16T19:00:00+01", "2027-01-16T19:00:00+01:0", "2027-01-16T19:00:00+24:00",
        "2027-01-16T19:00:00+01:60", "2027-01-16T19:00:00 01:00", "2027-01-16T19:00:00ZZ",
        "2027-01-16T24:00:00Z", "2027-02-29T19:00:00Z", "2027-01-16T19:00:00.-5Z"})
    EXPECT_FALSE(instant_from_rfc3339(text)) << text;
}

TEST(Digests, AreLowerCaseHex) {
  const std::string text = "00ff" + std::string(58, '7') + "a9";
  ASSERT_TRUE(digest_from_text(text));
  EXPECT_EQ(to_text(*digest_from_text(text)), text);
  EXPECT_FALSE(digest_from_text("00FF" + std::string(60, '7')));
  EXPECT_FALSE(digest_from_text(text.substr(1)));
  EXPECT_FALSE(digest_from_text(text + "0"));
}

TEST(Positions, ArePartitionAndSequence) {
  const Position position{{3}, {1842}};
  EXPECT_EQ(to_text(position), "3:1842");
  EXPECT_EQ(position_from_text("3:1842"), position);
  EXPECT_EQ(position_from_text("0:0"), Position{});
  EXPECT_EQ(position_from_text("65535:9007199254740991"), (Position{{65535}, kSequenceMax}));
  for (const std::string_view text : {"", ":", "3", "3:", ":1", "03:1", "3:01", "3:+1", "-3:1",
                                      "3:1 ", " 3:1", "65536:1", "3:9007199254740992", "3-1"})
    EXPECT_FALSE(position_from_text(text)) << text;
}

TEST(Positions, NameEvents) {
  EXPECT_EQ(event_id({{3}, {1842}}), "3-1842");
  EXPECT_EQ(position_from_event_id("3-1842"), (Position{{3}, {1842}}));
  EXPECT_FALSE(position_from_event_id("3-0"));
  EXPECT_FALSE(position_from_event_id("3:1"));
}

TEST(Tickets, AreDerivedFromOccasionAndPlace) {
  const auto occasion = id_from_text<OccasionId>("QUJDREVGR0hJSktMTU5PUA").value();
  const TicketPlace place{.pool = 0x0102, .number = 0x03040506};
  const TicketId ticket = ticket_id(occasion, place);
  EXPECT_EQ(std::string(ticket.bytes.begin(), ticket.bytes.end()),
            "ABCDEFGHIJ\x01\x02\x03\x04\x05\x06");
  EXPECT_EQ(place_of(ticket), place);
  EXPECT_TRUE(belongs_to(ticket, occasion));
  EXPECT_FALSE(belongs_to(ticket, OccasionId{}));
}

TEST(CommandIdentities, AreIdAndTag) {
  const CommandIdentity identity{{{1, 2, 3}}, {0xff, 1, 2, 3, 4, 5, 6, 7}};
  const std::string text = to_text(identity);
  EXPECT_EQ(text.size(), 34u);
  EXPECT_EQ(command_identity_from_text(text), identity);
  EXPECT_FALSE(command_identity_from_text(text + "A"));
  EXPECT_FALSE(command_identity_from_text(text.substr(0, 33)));
  std::string no_dot = text;
  no_dot[22] = '-';
  EXPECT_FALSE(command_identity_from_text(no_dot));
}

TEST(Topics, AreNamedByTheirFamily) {
  for (std::size_t i = 0; i < kTopics; ++i)
    EXPECT_EQ(topic_from_name(topic_name(static_cast<Topic>(i))), static_cast<Topic>(i));
  EXPECT_EQ(topic_name(Topic::claims), "boxoffice.claims");
  EXPECT_FALSE(topic_from_name("claims"));
}

TEST(Partitions, FollowKafkasJavaClient) {
  const std::pair<std::string_view, std::int32_t> vectors[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107}};
  for (const auto& [key, hash] : vectors)
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(key)), hash) << key;
  EXPECT_EQ(partition_of("21", 16).value, (-973932308 & 0x7fffffff) % 16);
  EXPECT_EQ(partition_of("abc", 1).value, 0);
}

}  // namespace
}  // namespace boxoffice::schema
