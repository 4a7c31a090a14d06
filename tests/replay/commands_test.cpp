// The tools on a real directory: at rest, and while a process holds it and goes on appending.

#include "replay-tools/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "event-log/embedded/embedded_log.hpp"
#include "replay-tools/control/control.hpp"
#include "replay-tools/open_history.hpp"
#include "tests/replay/story.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::replay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ReplayCommand : public ::testing::Test {
 protected:
  /// A log like the story's, under the name that the directory gives it.
  std::unique_ptr<event_log::Log> held() {
    auto log = event_log::open_embedded(
        {.directory = directory_.path(), .partitions = kPartitions, .segment_bytes = 1 << 20});
    EXPECT_TRUE(log) << log.error().message;
    return std::move(*log);
  }

  static void append(event_log::Log& log, event_log::Writer& writer, const schema::Event& event,
                     std::uint32_t number) {
    auto batch = std::make_shared<event_log::Batch>();
    event_log::CommittedEvent committed;
    committed.topic = schema::topic_of(event);
    committed.event = event;
    committed.envelope.subject = schema::to_text(an_id<schema::KeyId>(7));
    const schema::Partition partition =
        schema::partition_of(committed.envelope.subject, kPartitions);
    const schema::Sequence last = log.end(partition);
    committed.envelope.position = {partition, last.next()};
    committed.envelope.source = "boxoffice:" + std::string(log.deployment());
    committed.envelope.time = kNoon;
    committed.envelope.causation = command(number);
    committed.envelope.actor = "anonymous";
    if (last.value > 0) committed.envelope.previous = sealing::sha256(**log.at({partition, last}));
    schema::write_event(committed.value, committed.envelope, committed.event);
    batch->events.push_back(std::move(committed));
    ASSERT_TRUE(writer.append(batch));
  }

  static std::unique_ptr<event_log::Writer> writer_of(event_log::Log& log) {
    std::vector<schema::Partition> all;
    for (std::uint16_t i = 0; i < kPartitions; ++i) all.push_back(schema::Partition{i});
    auto writer = log.take_over(all);
    EXPECT_TRUE(writer);
    return std::move(*writer);
  }

  int run(std::vector<std::string> arguments) {
    out_.str({});
    error_.str({});
    return run_replay(arguments, out_, error_);
  }
  std::string data() const { return directory_.path().string(); }

  TemporaryDirectory directory_;
  std::ostringstream out_, error_;
};

TEST_F(ReplayCommand, ReadsADirectoryAtRest) {
  {
    const auto log = held();
    const auto writer = writer_of(*log);
    append(*log, *writer, schema::KeyCreated{.name = "Gate", .role = schema::Role::gate}, 1);
    append(*log, *writer, schema::KeyUsed{}, 2);
  }
  EXPECT_EQ(run({"verify", "--data", data()}), 0) << error_.str();
  EXPECT_THAT(out_.str(), HasSubstr("events 2\n"));
  EXPECT_THAT(out_.str(), HasSubstr("violations 0\n"));

  EXPECT_EQ(run({"show", "--data", data(), "--format", "jsonl", "--type", "KeyUsed"}), 0);
  EXPECT_THAT(out_.str(), ::testing::StartsWith("{\"specversion\":\"1.0\",\"id\":\""));
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 1);

  const std::string id = schema::event_id(
      {schema::partition_of(schema::to_text(an_id<schema::KeyId>(7)), kPartitions), {2}});
  EXPECT_EQ(run({"explain", "--data", data(), id}), 0) << error_.str();
  EXPECT_THAT(out_.str(), HasSubstr("KeyUsed"));
}

// As a copy made by hand leaves it out.
TEST_F(ReplayCommand, ReadsADirectoryWithoutItsLockAndMakesNone) {
  {
    const auto log = held();
    const auto writer = writer_of(*log);
    append(*log, *writer, schema::KeyCreated{.name = "Gate", .role = schema::Role::gate}, 1);
  }
  fs::remove(directory_.path() / "LOCK");
  EXPECT_EQ(run({"verify", "--data", data()}), 0) << error_.str();
  EXPECT_FALSE(fs::exists(directory_.path() / "LOCK"));

  auto history = open_history(directory_.path());
  ASSERT_TRUE(history) << history.error();
  EXPECT_FALSE(history->is_in_use());
  const auto log = held();
  EXPECT_TRUE(history->is_in_use()) << "nothing kept somebody else from it";
}

TEST_F(ReplayCommand, EndsWithOneAndThePositionWhereARuleIsBroken) {
  {
    const auto log = held();
    const auto writer = writer_of(*log);
    append(*log, *writer, schema::KeyUsed{}, 1);
  }
  EXPECT_EQ(run({"verify", "--data", data()}), 1);
  const auto partition =
      schema::partition_of(schema::to_text(an_id<schema::KeyId>(7)), kPartitions);
  EXPECT_THAT(out_.str(), ::testing::StartsWith(std::to_string(partition.value) +
                                                ":1 key: there is no such key to use\n"));
}

TEST_F(ReplayCommand, EndsWithTwoForWrongUsage) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{},
                                             {"verfiy", "--data", data()},
                                             {"verify"},
                                             {"verify", "--data", data(), "--threads", "0"},
                                             {"show", "--data", data(), "--occasion", "x"},
                                             {"show", "--data", data(), "--from", "yesterday"},
                                             {"show", "--data", data(), "--type", "Foo"},
                                             {"show", "--data", data(), "--format", "xml"},
                                             {"explain", "--data", data()},
                                             {"explain", "--data", data(), "nonsense"},
                                             {"verify", "--data", data() + "/nowhere"}}) {
    EXPECT_EQ(run(wrong), 2);
    EXPECT_NE(error_.str(), "");
  }
}

TEST_F(ReplayCommand, NamesWhatIsWrongWithAFilter) {
  held().reset();
  run({"show", "--data", data(), "--type", "Foo"});
  EXPECT_THAT(error_.str(), AllOf(HasSubstr("--type"), HasSubstr("\"Foo\"")));
  run({"show", "--data", data(), "--person", "a@x.de"});
  EXPECT_THAT(error_.str(), HasSubstr("--person: must be a person's id, not \"a@x.de\""));
  EXPECT_EQ(run({"show", "--data", data(), "--partition", std::to_string(kPartitions)}), 2);
  EXPECT_THAT(error_.str(), HasSubstr("--partition: the log has"));
  EXPECT_EQ(run({"show", "--data", data(), "--type", "boxoffice.KeyUsed", "--partition", "0"}), 0);
}

TEST_F(ReplayCommand, ExplainsARefusalByIdAndByPosition) {
  {
    const auto log = held();
    const auto writer = writer_of(*log);
    append(*log, *writer,
           schema::ClaimRefused{.refusal = schema::ClaimRefusal::already_claimed,
                                .rule = schema::ClaimRule::one_per_ip,
                                .try_again_at = kNoon + std::chrono::minutes(5)},
           1);
  }
  const schema::Position position{
      schema::partition_of(schema::to_text(an_id<schema::KeyId>(7)), kPartitions), {1}};
  EXPECT_EQ(run({"explain", "--data", data(), schema::to_text(position)}), 0) << error_.str();
  EXPECT_THAT(out_.str(),
              HasSubstr("It was refused: already_claimed, by the rule one_per_ip (one live claim "
                        "for an IP); one may try again at " +
                        schema::to_text(kNoon + std::chrono::minutes(5)) + ".\n"));
  const std::string by_position = out_.str();
  EXPECT_EQ(run({"explain", "--data", data(), schema::event_id(position)}), 0);
  EXPECT_EQ(out_.str(), by_position);
}

TEST_F(ReplayCommand, HelpIsNoError) {
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("verify"));
}

TEST_F(ReplayCommand, IsRefusedADirectoryInUseWhoseHolderTakesNoRequests) {
  const auto log = held();
  EXPECT_EQ(run({"verify", "--data", data()}), 2);
  EXPECT_THAT(error_.str(), HasSubstr("held by process"));
}

TEST_F(ReplayCommand, ReadsADirectoryInUseWhileItsHolderAppends) {
  const auto log = held();
  const auto writer = writer_of(*log);
  append(*log, *writer, schema::KeyCreated{.name = "Gate", .role = schema::Role::gate}, 1);
  auto server =
      control::Server::start(directory_.path(), {{"checkpoint", checkpoint_handler(data())}});
  ASSERT_TRUE(server) << server.error();

  std::atomic<bool> enough = false;
  std::jthread appending([&] {
    for (std::uint32_t number = 2; !enough; ++number)
      append(*log, *writer, schema::KeyUsed{}, number);
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(run({"verify", "--data", data()}), 0) << out_.str() << error_.str();
    EXPECT_THAT(out_.str(), HasSubstr("violations 0\n"));
  }
  enough = true;
  appending.join();
  EXPECT_TRUE(fs::is_empty(directory_.path() / kCheckpoints));
}

TEST_F(ReplayCommand, VerifySaysWhatItLeavesOutAtTheEnd) {
  {
    const auto log = held();
    const auto writer = writer_of(*log);
    for (std::uint32_t number = 1; number <= 3; ++number)
      append(*log, *writer, schema::KeyCreated{.name = "Gate", .role = schema::Role::gate}, number);
  }
  EXPECT_EQ(run({"verify", "--data", data()}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("events 3\n"), Not(HasSubstr("left out"))));

  const fs::path segment = directory_.path() / "log" / "00000001.log";
  std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const std::size_t last = bytes.find_last_not_of('\0');
  file.seekp(static_cast<std::streamoff>(last)).put('!');
  file.close();
  const auto partition =
      schema::partition_of(schema::to_text(an_id<schema::KeyId>(7)), kPartitions).value;
  EXPECT_EQ(run({"verify", "--data", data()}), 0) << "it may be a crash's";
  EXPECT_THAT(out_.str(), AllOf(HasSubstr(std::to_string(partition) + ":3 left out: "),
                                HasSubstr(segment.string()), HasSubstr("events 2\n")));
}

TEST_F(ReplayCommand, AStartingHolderDeletesWhatKilledReadersLeft) {
  fs::create_directories(directory_.path() / kCheckpoints / "left" / "log");
  const auto handler = checkpoint_handler(data());
  EXPECT_FALSE(fs::exists(directory_.path() / kCheckpoints));
}

}  // namespace
}  // namespace boxoffice::replay
