// What stands in a line of the log.

#include "journal/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace boxoffice::journal {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::MatchesRegex;

/// What is written to stderr meanwhile.
template <class Writing>
std::string written(Writing writing) {
  ::testing::internal::CaptureStderr();
  writing();
  return ::testing::internal::GetCapturedStderr();
}

/// Logging begins once in a process, so all of it is one test.
TEST(Journal, WritesOneObjectALineFromItsLevelOn) {
  EXPECT_FALSE(has_begun());
  EXPECT_EQ(written([] { error("early", "before it began"); }), "");

  begin("info");
  EXPECT_TRUE(has_begun());
  EXPECT_EQ(written([] { debug("detail", "of no use").with("number", 1); }), "");

  const std::string plain = written([] { warning("happened", "a \"quoted\"\nmessage"); });
  EXPECT_THAT(plain, MatchesRegex("\\{\"time\":\"[-0-9]+T[:0-9]+\\.[0-9]+Z\",.*\n"));
  EXPECT_THAT(plain,
              EndsWith(R"("level":"warning","event":"happened","message":"a \"quoted\"\nmessage"})"
                       "\n"));

  constexpr std::array kPartitions{schema::Partition{1}, schema::Partition{3}};
  const std::string fields = written([&] {
    info("measured", "")
        .with("error", std::string("none"))
        .with("fenced", false)
        .with("offset", -1)
        .with("bytes", std::uint64_t{18'446'744'073'709'551'615u})
        .with("took_ms", 1'999us)
        .with("partitions", kPartitions)
        .with("none", std::span<const schema::Partition>())
        .at({{2}, {7}});
  });
  EXPECT_THAT(fields,
              EndsWith(R"("error":"none","fenced":false,"offset":-1,"bytes":18446744073709551615,)"
                       R"("took_ms":1,"partitions":[1,3],"none":[],"partition":2,"sequence":7})"
                       "\n"));

  EXPECT_THAT(written([] { info("heard", "Grüße"); }), EndsWith("\"Grüße\"}\n"));
  EXPECT_THAT(written([] { info("heard", "caf\xe9").with("path", "/tmp/\xff"); }),
              EndsWith(R"("message":"caf?","path":"/tmp/?"})"
                       "\n"));
}

}  // namespace
}  // namespace boxoffice::journal
