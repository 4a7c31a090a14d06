// The quick way of reading an event takes canonical bytes, and nothing else whatever.
#include "events-schema/canonical.hpp"

#include <gtest/gtest.h>

#include "tests/schema/golden.hpp"
#include "tests/schema/padded.hpp"

namespace boxoffice::schema {
namespace {

using schema_test::golden;
using schema_test::golden_files;
using schema_test::GoldenFile;
using schema_test::Padded;

class CanonicalBytes : public ::testing::Test {
 protected:
  bool is_taken(std::string_view text) { return read_canonical(text, envelope, event); }

  /// Where it is taken, it is canonical, and any other way of reading it finds the same.
  void expect_honest(const std::string& text) {
    if (!is_taken(text)) return;
    ++taken;
    ASSERT_TRUE(is_canonical(text, envelope, event)) << text;
    std::string spaced = text;
    spaced.insert(1, " ");
    ASSERT_TRUE(reader.event(Padded(spaced), spaced_envelope, spaced_event)) << text;
    ASSERT_EQ(spaced_envelope, envelope) << text;
    ASSERT_EQ(spaced_event, event) << text;
  }

  std::size_t taken = 0;
  Envelope envelope, spaced_envelope;
  Event event, spaced_event;
  Reader reader;
};

TEST_F(CanonicalBytes, AreTakenUnlessATextHasEscapes) {
  for (const GoldenFile& file : golden_files<Event>())
    for (const std::string& line : file.lines)
      EXPECT_EQ(is_taken(line), line.find('\\') == std::string::npos) << line;
}

TEST_F(CanonicalBytes, AreToldFromEveryOneThatDiffersByAByte) {
  const std::string others = std::string("\0\x1f \"\\,09}-Az_", 14) + "\x80\xff";
  for (const GoldenFile& file : golden_files<Event>())
    for (const std::string& line : file.lines)
      for (std::size_t i = 0; i < line.size(); ++i) {
        std::string altered = line;
        for (const char other : others) {
          altered[i] = other;
          expect_honest(altered);
        }
        altered[i] = static_cast<char>(line[i] ^ 1);
        expect_honest(altered);
        altered = line;
        expect_honest(altered.erase(i, 1));
        altered = line;
        expect_honest(altered.insert(i, 1, line[i]));
      }
  EXPECT_GT(taken, 1000u) << "other values of the same form are as canonical";
}

TEST_F(CanonicalBytes, AreNotThoseThatEndEarlyOrLate) {
  const std::string line = golden("TicketClaimed", 1).lines.front();
  for (std::size_t length = 0; length < line.size(); ++length)
    ASSERT_FALSE(is_taken(std::string_view(line).substr(0, length))) << length;
  EXPECT_FALSE(is_taken(line + " "));
  EXPECT_FALSE(is_taken(line + "}"));
  EXPECT_TRUE(is_taken(line));
}

TEST_F(CanonicalBytes, HaveNoTextThatIsNotUtf8) {
  const std::string line = golden("TicketClaimed", 1).lines.front();
  const auto in_pool = [&](std::string_view name) {
    std::string named = line;
    named.replace(named.find("\"main\"") + 1, 4, name);
    return named;
  };
  EXPECT_TRUE(is_taken(in_pool("Zürich 東京 🎟")));
  EXPECT_FALSE(is_taken(in_pool("Z\xfcrich")));
  EXPECT_FALSE(is_taken(in_pool("\xed\xa0\x80")));  // half of a pair
  EXPECT_FALSE(is_taken(in_pool("\xc0\x80")));      // longer than need be
}

TEST_F(CanonicalBytes, LeaveNothingOfTheEventBefore) {
  const std::vector<std::string> lines = golden("ClaimRefused", 1).lines;
  for (const std::string& line : lines)
    for (const std::string& before : lines) {
      if (line.find('\\') != std::string::npos) continue;
      (void)is_taken(before);
      ASSERT_TRUE(is_taken(line));
      EXPECT_TRUE(is_canonical(line, envelope, event)) << before << " before " << line;
    }
}

}  // namespace
}  // namespace boxoffice::schema
