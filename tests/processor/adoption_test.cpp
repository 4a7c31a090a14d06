// What a log that was copied goes on with.

#include "commands/processor/adoption.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "event-log/copy_mark.hpp"
#include "event-log/memory/memory_commands.hpp"
#include "event-log/memory/memory_log.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::processor {
namespace {

using namespace event_log;
using namespace std::chrono_literals;

constexpr std::uint16_t kPartitions = 4;
constexpr schema::Instant kLast{1'900'000'000'000ms};

class Adopting : public ::testing::Test {
 protected:
  /// Partition 2 has an event; all say that they are a copy in that state.
  void copied(CopyState state) {
    const auto log = open_memory(store_);
    auto batch = std::make_shared<Batch>();
    CommittedEvent event;
    event.topic = schema::Topic::accounts;
    event.event = schema::KeyUsed{};
    event.envelope = {.position = {{2}, {1}},
                      .source = "boxoffice:memory000000",
                      .subject = "AAAAAAAAAAAAAAAAAAAAAA",
                      .time = kLast};
    schema::write_event(event.value, event.envelope, event.event);
    first_ = event.value;
    batch->events.push_back(event);
    batch->keys.push_back(record_of({.state = state, .id = "the-copy", .from = "embedded"}));
    ASSERT_TRUE(writer(*log)->append(batch));
  }

  static std::unique_ptr<Writer> writer(Log& log) {
    const std::vector<schema::Partition> all{{0}, {1}, {2}, {3}};
    return std::move(*log.take_over(all));
  }

  std::expected<void, std::string> adopt(Faults faults = {}) {
    return adopt_copy(*open_memory(store_, std::move(faults)), "kafka", kLast - 1h, commands_);
  }

  /// An event behind whatever is there.
  void decide_everywhere() {
    const auto log = open_memory(store_);
    auto batch = std::make_shared<Batch>();
    for (std::uint16_t i = 0; i < kPartitions; ++i) {
      CommittedEvent event{.topic = schema::Topic::accounts, .event = schema::KeyUsed{}};
      event.envelope = {.position = {{i}, log->end({i}).next()},
                        .source = "boxoffice:memory000000",
                        .subject = "AAAAAAAAAAAAAAAAAAAAAA",
                        .time = kLast};
      schema::write_event(event.value, event.envelope, event.event);
      batch->events.push_back(event);
    }
    ASSERT_TRUE(writer(*log)->append(batch));
  }

  /// How often each partition was adopted.
  std::vector<int> adoptions() {
    const auto log = open_memory(store_);
    std::vector<int> adoptions(kPartitions);
    for (std::uint16_t i = 0; i < kPartitions; ++i) {
      const auto cursor = log->read_after({{i}, {}});
      for (auto events = cursor->read(1 << 20); !events->empty(); events = cursor->read(1 << 20))
        adoptions[i] += static_cast<int>(std::ranges::count_if(*events, [](const auto& event) {
          return event.value.find("boxoffice.LogAdopted") != std::string_view::npos;
        }));
    }
    return adoptions;
  }

  std::vector<std::uint64_t> ends() {
    const auto log = open_memory(store_);
    std::vector<std::uint64_t> ends;
    for (std::uint16_t i = 0; i < kPartitions; ++i) ends.push_back(log->end({i}).value);
    return ends;
  }

  /// The event that a partition was adopted with.
  schema::Envelope adoption_of(schema::Partition partition) {
    const auto log = open_memory(store_);
    schema::Envelope envelope;
    schema::Event event;
    EXPECT_TRUE(reader_.event(**log->at({partition, log->end(partition)}), envelope, event));
    EXPECT_TRUE(std::holds_alternative<schema::LogAdopted>(event));
    return envelope;
  }

  std::shared_ptr<MemoryStore> store_ = make_memory_store(kPartitions);
  CommandsOf commands_;
  schema::Reader reader_;
  std::string first_;
};

TEST_F(Adopting, AppendsToEachPartitionAndSaysSo) {
  copied(CopyState::whole);
  ASSERT_TRUE(adopt());
  EXPECT_EQ(ends(), (std::vector<std::uint64_t>{1, 1, 2, 1}));
  const auto log = open_memory(store_);
  EXPECT_EQ((*copy_mark(*log))->state, CopyState::adopted);

  const std::string value = **log->at({{2}, {2}}) + std::string(schema::kPadding, ' ');
  schema::Reader reader;
  schema::Envelope envelope;
  schema::Event event;
  ASSERT_TRUE(reader.event(std::string_view(value).substr(0, value.size() - schema::kPadding),
                           envelope, event));
  EXPECT_EQ(event, schema::Event(
                       schema::LogAdopted{.copy = "the-copy", .from = "embedded", .to = "kafka"}));
  EXPECT_EQ(envelope.subject, "2");
  EXPECT_EQ(envelope.previous, sealing::sha256(first_));
  EXPECT_EQ(envelope.time, kLast) << "time never goes back, though the clock is behind";
}

TEST_F(Adopting, PassesOverTheCommandsThatWereSentToAnotherHistory) {
  MemoryCommands topic(kPartitions, "cluster/commands");
  CommandPost::Sent nobody = [](std::optional<std::string>) {};
  for (const std::uint16_t partition : {1, 1, 1, 2, 2})
    topic.send({partition}, "k", "a command", nobody);
  topic.forget_before({2}, 2);  // by its retention, all of them
  commands_ = [&](schema::Partition partition) { return topic.source(partition); };
  copied(CopyState::whole);
  ASSERT_TRUE(adopt());
  for (const std::uint16_t empty : {0, 3}) {
    EXPECT_EQ(adoption_of({empty}).command_offset, std::nullopt);
    EXPECT_EQ(adoption_of({empty}).command_log, "");
  }
  EXPECT_EQ(adoption_of({1}).command_offset, 2);
  EXPECT_EQ(adoption_of({2}).command_offset, 1);
  EXPECT_EQ(adoption_of({2}).command_log, "cluster/commands");
}

TEST_F(Adopting, HappensOnceHoweverOftenItIsInterrupted) {
  for (const AppendFate fate : {AppendFate::crash_before, AppendFate::crash_after}) {
    store_ = make_memory_store(kPartitions);
    copied(CopyState::whole);
    int interruptions = 0;
    for (bool done = false; !done;) {
      ASSERT_LT(interruptions, 2 * kPartitions);
      // Each attempt gets one append further than what is there already needs.
      int appends = 0;
      try {
        done = adopt({.append = [&](const Batch& batch) {
                 const bool is_new = !batch.events.empty() || !batch.keys.empty();
                 return is_new && appends++ == 1 ? fate : AppendFate::committed;
               }}).has_value();
      } catch (const Crash&) {
        ++interruptions;
      }
    }
    EXPECT_GT(interruptions, 0);
    EXPECT_EQ(ends(), (std::vector<std::uint64_t>{1, 1, 2, 1}));
  }
}

/// Two that start at a time: the other is quicker, and decides before this one is done, wherever
/// this one is.
TEST_F(Adopting, HappensOnceHoweverManyBegin) {
  for (int at = 0; at < 3 * kPartitions; ++at) {
    SCOPED_TRACE(at);
    store_ = make_memory_store(kPartitions);
    copied(CopyState::whole);
    int reads = 0;
    const auto adopted = adopt({.read_fails = [&] {
      if (reads++ == at) {
        EXPECT_TRUE(adopt());
        decide_everywhere();
      }
      return false;
    }});
    EXPECT_TRUE(adopted) << adopted.error();
    EXPECT_EQ(adoptions(), (std::vector<int>{1, 1, 1, 1}));
    EXPECT_EQ((*copy_mark(*open_memory(store_)))->state, CopyState::adopted);
  }
}

TEST_F(Adopting, LeavesAloneWhatIsNoCopyOrWasAdopted) {
  ASSERT_TRUE(adopt());
  copied(CopyState::adopted);
  ASSERT_TRUE(adopt());
  EXPECT_EQ(ends(), (std::vector<std::uint64_t>{0, 0, 1, 0}));
}

TEST_F(Adopting, RefusesHalfOfAHistory) {
  copied(CopyState::unfinished);
  const auto refused = adopt();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("unfinished copy"), std::string::npos);
  EXPECT_EQ(ends(), (std::vector<std::uint64_t>{0, 0, 1, 0}));
}

}  // namespace
}  // namespace boxoffice::processor
