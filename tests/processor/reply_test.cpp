// Replies on their way to a gateway.

#include "commands/processor/reply.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace boxoffice::processor {
namespace {

using namespace std::chrono_literals;

/// What the documents of the topics say of replies is what is written.
TEST(Replies, AreWrittenAsTheyWereRead) {
  std::ifstream in(GOLDEN_FOLDER "/replies.json");
  schema::Reader reader;
  std::set<std::size_t> kinds;
  for (std::string line; std::getline(in, line);) {
    line.reserve(line.size() + schema::kPadding);
    const auto read = read_reply(line, reader);
    ASSERT_TRUE(read) << line << read.error();
    kinds.insert(read->index());
    std::string written;
    write_reply(written, *read);
    EXPECT_EQ(written, line);
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Answer>);
}

TEST(Replies, HandOnAnswersOfEachKind) {
  schema::Reader reader;
  const auto sent = [&](const Answer& answer) {
    std::string text;
    write_reply(text, answer);
    text.reserve(text.size() + schema::kPadding);
    return read_reply(text, reader).value();
  };
  EXPECT_TRUE(std::holds_alternative<KeyReused>(sent(KeyReused{})));
  EXPECT_TRUE(std::holds_alternative<TooLarge>(sent(TooLarge{})));
  const auto unavailable = std::get<Unavailable>(sent(Unavailable{"a \"reason\"", 7s}));
  EXPECT_EQ(unavailable.reason, "a \"reason\"");
  EXPECT_EQ(unavailable.retry_after, 7s);
  for (std::string text : {"", "{}", R"({"answer":"decided"})", R"({"answer":"maybe"})", "[1]"}) {
    text.reserve(text.size() + schema::kPadding);
    EXPECT_FALSE(read_reply(text, reader)) << text;
  }
}

}  // namespace
}  // namespace boxoffice::processor
