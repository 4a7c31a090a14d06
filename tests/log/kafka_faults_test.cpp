// Other processes on the same topics, and what none of ours has done to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "event-log/about.hpp"
#include "event-log/kafka/kafka_writer.hpp"
#include "event-log/kafka/search.hpp"
#include "tests/log/history.hpp"
#include "tests/log/kafka_meddler.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {
namespace {

using boxoffice::testing::Broker;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Partition kPartition{2};
const Partition kOne[] = {kPartition};

class KafkaFaults : public ::testing::Test {
 protected:
  void append(Writer& writer, std::size_t count) {
    const auto done = writer.append(history_.next_batch(kPartition, count));
    ASSERT_TRUE(done) << done.error().message;
  }

  std::string topic(Topic topic) const {
    return settings_.prefix + std::string(schema::topic_name(topic));
  }

  /// The first error that a reader from the start meets.
  static LogError error_of_reading(Log& log) {
    const auto cursor = log.read_after({kPartition, {0}});
    for (;;) {
      const auto some = cursor->read(1000);
      if (!some) return some.error();
      if (some->empty()) return {LogErrorKind::in_use, "read to the end without an error"};
    }
  }

  Broker& broker_ = Broker::shared();
  const KafkaSettings settings_ = fresh_settings(broker_);
  std::unique_ptr<Log> log_ = opened(settings_);
  History history_{*log_};
  Meddler meddler_{broker_.bootstrap_servers()};
};

using KafkaTakeOver = KafkaFaults;

TEST_F(KafkaTakeOver, AbortsWhatAnotherProcessLeftOpenAndShowsNothingOfIt) {
  append(*writer_of(*log_, {2}), 4);
  OpenTransaction other(broker_.bootstrap_servers(), settings_.prefix + "boxoffice-2-b");
  History lost = history_;
  const BatchPtr undecided = lost.next_batch(kPartition, 3);
  for (const CommittedEvent& event : undecided->events)
    other.write(topic(event.topic), kPartition.value, event.value);

  const auto second = opened(settings_);
  EXPECT_EQ(second->end(kPartition), Sequence{4});
  const auto writer = writer_of(*second, {2});
  EXPECT_EQ(other.commit(), "_FENCED");
  append(*writer, 5);
  expect_holds(*second, history_, kPartition);
  expect_holds(*opened(settings_), history_, kPartition);
}

TEST_F(KafkaTakeOver, FencesTheWriterOfAnotherLogThatIsAppending) {
  std::atomic<std::size_t> appended = 0;
  std::optional<LogError> error;
  std::thread first([&, writer = writer_of(*log_, {2})] {
    for (;;) {
      History next = history_;
      if (const auto done = writer->append(next.next_batch(kPartition, 3)); !done) {
        error = done.error();
        break;
      }
      history_ = next;
      ++appended;
      appended.notify_all();
    }
    History next = history_;
    EXPECT_EQ(writer->append(next.next_batch(kPartition, 1)).error().kind, LogErrorKind::fenced);
  });
  for (std::size_t seen = 0; seen < 20; seen = appended) appended.wait(seen);
  const auto second = opened(settings_);
  const auto writer = writer_of(*second, {2});
  first.join();
  EXPECT_EQ(error->kind, LogErrorKind::fenced) << error->message;
  append(*writer, 3);
  expect_holds(*second, history_, kPartition);
}

TEST_F(KafkaTakeOver, OfTwoAtATimeLetsOneAppend) {
  // Each takes over whenever it was fenced. Whatever happens, nothing acknowledged is lost, and
  // no sequence is given twice.
  constexpr int kAppends = 10;
  std::array<std::map<std::uint64_t, std::string>, 2> acknowledged;
  std::vector<std::thread> processes;
  for (std::size_t process = 0; process < 2; ++process)
    processes.emplace_back([&, process] {
      const auto log = opened(settings_);
      while (acknowledged[process].size() < kAppends) {
        auto writer = log->take_over(kOne);
        while (writer) {
          const Position position{kPartition, log->end(kPartition).next()};
          CommittedEvent event;
          event.topic = Topic::accounts;
          event.event = schema::KeyUsed{};
          event.envelope.position = position;
          event.envelope.source = "boxoffice:" + std::string(log->deployment());
          event.envelope.subject = "AAAAAAAAAAAAAAAAAAAAAA";
          event.envelope.actor = std::to_string(process);
          write_event(event.value, event.envelope, event.event);
          if (!(*writer)->append(batch({event}))) break;
          acknowledged[process][position.sequence.value] = event.value;
          if (acknowledged[process].size() % 3 == 0) break;
        }
      }
    });
  for (std::thread& process : processes) process.join();

  const auto log = opened(settings_);
  std::map<std::uint64_t, std::string> read;
  for (const Read& event : read_all(*log, {kPartition, {0}}))
    read[event.position.sequence.value] = event.value;
  EXPECT_EQ(read.size(), log->end(kPartition).value);
  for (const auto& process : acknowledged)
    for (const auto& [sequence, value] : process) EXPECT_EQ(read[sequence], value) << sequence;
}

TEST_F(KafkaTakeOver, TellsFollowersOfABatchInDoubtThatTurnsOutCommitted) {
  const auto cluster = std::move(*kafka::Cluster::connect(settings_));
  auto writer = std::move(*kafka::KafkaWriter::take_over(*cluster, kOne));
  const BatchPtr committed = history_.next_batch(kPartition, 2);
  ASSERT_TRUE(writer->append(committed));
  History lost = history_;
  const BatchPtr aborted = lost.next_batch(kPartition, 2);
  std::vector<BatchPtr> followed;
  const auto following =
      cluster->followers.add([&](const BatchPtr& batch) { followed.push_back(batch); });
  for (const BatchPtr& in_doubt : {committed, aborted}) {
    cluster->known(kPartition).in_doubt = in_doubt;
    writer = std::move(*kafka::KafkaWriter::take_over(*cluster, kOne));
  }
  EXPECT_THAT(followed, ::testing::ElementsAre(committed));
}

TEST_F(KafkaFaults, NamesTheFirstOfDeletedRecords) {
  append(*writer_of(*log_, {2}), 10);
  meddler_.delete_before(topic(Topic::accounts), kPartition.value, 3);
  const auto again = opened(settings_);
  for (Log* log : {log_.get(), again.get()}) {
    const LogError error = error_of_reading(*log);
    EXPECT_EQ(error.kind, LogErrorKind::corrupt);
    EXPECT_THAT(error.message, HasSubstr("event 2:1 is missing"));
    const auto at = log->at({kPartition, {1}});
    ASSERT_FALSE(at);
    EXPECT_EQ(at.error().kind, LogErrorKind::corrupt);
    EXPECT_THAT(at.error().message, HasSubstr("event 2:1 is missing"));
  }
}

TEST_F(KafkaFaults, NamesAnEventThatIsThereTwice) {
  append(*writer_of(*log_, {2}), 10);
  const std::string copy = history_.of(kPartition)[4].value;
  meddler_.write(topic(Topic::scans), kPartition.value, copy);
  const LogError error = error_of_reading(*log_);
  EXPECT_EQ(error.kind, LogErrorKind::corrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr("2:5"), HasSubstr("offset")));
}

TEST_F(KafkaFaults, NamesAGapBeforeAnEventThatNobodyOfOursWrote) {
  append(*writer_of(*log_, {2}), 3);
  History other = history_;
  (void)other.next_batch(kPartition, 1);
  const CommittedEvent beyond = other.next(kPartition, schema::KeyUsed{}, "beyond");
  meddler_.write(topic(beyond.topic), kPartition.value, beyond.value);
  const LogError error = error_of_reading(*log_);
  EXPECT_EQ(error.kind, LogErrorKind::corrupt);
  EXPECT_THAT(error.message, HasSubstr("event 2:4 is missing"));
}

TEST_F(KafkaFaults, NamesTheOffsetOfARecordThatIsNoEvent) {
  append(*writer_of(*log_, {2}), 3);
  meddler_.write(topic(Topic::tickets), kPartition.value, "{}");
  const LogError error = error_of_reading(*log_);
  EXPECT_EQ(error.kind, LogErrorKind::corrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr(topic(Topic::tickets)), HasSubstr("offset 0")));
}

TEST_F(KafkaFaults, ReadsFewRecordsToFindAnyOfAHundredThousand) {
  constexpr std::uint64_t kEvents = 100'000;
  {
    const auto writer = writer_of(*log_, {2});
    while (history_.end(kPartition).value < kEvents) append(*writer, 5'000);
  }
  for (const std::uint64_t sequence : {1, 2, 777, 50'000, 99'998, 100'000}) {
    // As a process that knows nothing yet.
    const auto cluster = std::move(*kafka::Cluster::connect(settings_));
    const auto ends = cluster->settled_ends(kPartition, kafka::within(settings_.read_timeout));
    ASSERT_TRUE(ends);
    const auto probe = cluster->probes.lend(kOne);
    const auto located = kafka::locate(**probe, {kPartition, {sequence}}, {}, ends->offsets,
                                       kafka::within(settings_.read_timeout));
    ASSERT_TRUE(located) << located.error().message;
    ASSERT_TRUE(located->event);
    EXPECT_EQ(located->event->value, history_.of(kPartition)[sequence - 1].value);
    // Two topics have events, with 50,000 each: 16 or 17 halvings. What came along with a record
    // in one fetch is not handed over.
    EXPECT_LE(cluster->probes.records(), 2 * 17u);
  }
  const auto again = opened(settings_);
  const auto cursor = again->read_after({kPartition, {60'000}});
  const auto read = cursor->read(1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->front().value, history_.of(kPartition)[60'000].value);
}

TEST_F(KafkaFaults, FindsWhatTheLogSaysOfItselfHoweverManyWrappedKeysThereAre) {
  const auto put = [](Writer& writer, std::vector<KeyRecord> keys) {
    const auto done = writer.append(batch({}, std::move(keys)));
    ASSERT_TRUE(done) << done.error().message;
  };
  const auto writer = writer_of(*log_, {kAboutPartition.value});
  put(*writer, {{kAboutPartition, "roots", "fingerprints"}, {kAboutPartition, "service", "one"}});
  for (int thousand = 0; thousand < 5; ++thousand) {
    std::vector<KeyRecord> wrapped;
    for (int i = 0; i < 1000; ++i)
      wrapped.push_back({kAboutPartition,
                         "person/" + std::to_string(thousand) + "/" + std::to_string(i),
                         "wrapped"});
    put(*writer, std::move(wrapped));
  }

  // As a process that knows nothing yet.
  const auto cluster = std::move(*kafka::Cluster::connect(settings_));
  const auto says = [&](std::string_view name) {
    const auto found = cluster->key(kAboutPartition, name);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::nullopt;
  };
  const auto records = [&] {
    return cluster->readers.records() + cluster->key_readers.records() + cluster->probes.records();
  };
  EXPECT_EQ(says("roots"), "fingerprints");
  for (int look = 0; look < 3; ++look) EXPECT_EQ(says("service"), "one");
  EXPECT_EQ(says("copy"), std::nullopt);
  EXPECT_EQ(records(), 3u) << "these two, and the deployment's name";
  put(*writer, {{kAboutPartition, "service", "two"}});
  EXPECT_EQ(says("service"), "two");
  EXPECT_EQ(records(), 4u) << "and what was said anew";
}

class KafkaTopics : public ::testing::Test {
 protected:
  std::string error_of_opening() {
    const auto log = open_kafka(settings_);
    if (log) return "opened without an error";
    EXPECT_EQ(log.error().kind, LogErrorKind::wrong_format);
    return log.error().message;
  }

  Broker& broker_ = Broker::shared();
  KafkaSettings settings_ = fresh_settings(broker_);
};

TEST_F(KafkaTopics, AreRefusedWhenAPropertyDiffers) {
  const std::string topic = settings_.prefix + "boxoffice.claims";
  Meddler(broker_.bootstrap_servers()).make_topic(topic, 4, {{"retention.ms", "1000"}});
  EXPECT_THAT(error_of_opening(),
              AllOf(HasSubstr(topic + " has "), HasSubstr("retention.ms=1000 instead of -1"),
                    HasSubstr("kafka-configs.sh --bootstrap-server " + settings_.bootstrap_servers),
                    HasSubstr("--add-config "), HasSubstr(",retention.ms=-1")));
}

TEST_F(KafkaTopics, AreRefusedWhenTheyDoNotTellTheBrokersTime) {
  struct Kept {
    std::string topic, retention_ms, segment_ms;
  };
  for (const Kept& kept : {Kept{"boxoffice.commands", "604800000", "86400000"},
                           Kept{"boxoffice.replies", "600000", "600000"}}) {
    const std::string topic = settings_.prefix + kept.topic;
    Meddler(broker_.bootstrap_servers())
        .make_topic(topic, 4,
                    {{"message.timestamp.type", "CreateTime"},
                     {"message.timestamp.after.max.ms", "9223372036854775807"},
                     {"retention.ms", kept.retention_ms},
                     {"segment.ms", kept.segment_ms}});
    EXPECT_THAT(error_of_opening(),
                AllOf(HasSubstr(topic + " has "),
                      HasSubstr("message.timestamp.type=CreateTime instead of LogAppendTime"),
                      HasSubstr("--add-config message.timestamp.type=LogAppendTime")));
    settings_ = fresh_settings(broker_);
  }
}

TEST_F(KafkaTopics, KeepDecidedKeysForTheWindowAndADayAtLeast) {
  const std::string topic = settings_.prefix + "boxoffice.decided";
  settings_.key_window = std::chrono::hours(24);
  (void)opened(settings_);
  settings_.key_window = std::chrono::hours(48);
  EXPECT_THAT(error_of_opening(), AllOf(HasSubstr(topic + " has "),
                                        HasSubstr("retention.ms=172800000 instead of 259200000"),
                                        HasSubstr("--add-config retention.ms=259200000")));
  settings_.key_window = std::chrono::hours(1);
  EXPECT_TRUE(open_kafka(settings_)) << "longer does no harm";
}

TEST_F(KafkaTopics, AreRefusedWhenTheirNumberOfPartitionsDiffers) {
  (void)opened(settings_);
  settings_.partitions = 8;
  EXPECT_THAT(error_of_opening(),
              AllOf(HasSubstr("the topics have 4 partitions, and the setting partitions says 8"),
                    HasSubstr("correct the setting")));
  Meddler(broker_.bootstrap_servers()).delete_topic(settings_.prefix + "boxoffice.occasions");
  EXPECT_THAT(error_of_opening(), HasSubstr("the topics have 4 partitions"));
  settings_.partitions = 0;
  EXPECT_EQ(opened(settings_)->partitions(), 4) << "none was made with 8";
}

TEST_F(KafkaTopics, ThatAreMissingAreMadeLikeTheOthers) {
  (void)opened(settings_);
  Meddler(broker_.bootstrap_servers()).delete_topic(settings_.prefix + "boxoffice.occasions");
  settings_.partitions = 0;
  EXPECT_EQ(opened(settings_)->partitions(), 4);
}

TEST_F(KafkaTopics, ThatHaveEventsAndNoNameGetNone) {
  {
    const auto log = opened(settings_);
    History history(*log);
    ASSERT_TRUE(writer_of(*log, {2})->append(history.next_batch(kPartition, 3)));
  }
  const std::string topic = settings_.prefix + "boxoffice.about";
  Meddler(broker_.bootstrap_servers()).delete_topic(topic);
  EXPECT_THAT(error_of_opening(),
              HasSubstr(topic + " does not say the deployment's name, though there are"));
}

TEST_F(KafkaTopics, AreTakenAsTheyAreByWhoOnlyReads) {
  {
    const auto log = opened(settings_);
    History history(*log);
    ASSERT_TRUE(writer_of(*log, {2})->append(history.next_batch(kPartition, 3)));
  }
  settings_.partitions = 8;
  settings_.replication_factor = 3;
  settings_.only_read = true;
  const auto log = opened(settings_);
  EXPECT_EQ(log->partitions(), 4);
  EXPECT_EQ(read_all(*log, {kPartition, {0}}).size(), 3u);
  settings_.prefix += "typo-";
  EXPECT_THAT(error_of_opening(), HasSubstr("is the prefix right?"));
}

TEST_F(KafkaTopics, AreNotMadeUnasked) {
  settings_.create_topics = false;
  EXPECT_THAT(error_of_opening(), AllOf(HasSubstr("no topic " + settings_.prefix),
                                        HasSubstr("kafka-topics.sh"), HasSubstr("--create")));
}

TEST_F(KafkaTopics, TakePropertiesOfLibrdkafkaThatItTakes) {
  settings_.properties = {{"compression.codec", "lz4"}};
  const auto log = opened(settings_);
  History history(*log);
  ASSERT_TRUE(writer_of(*log, {2})->append(history.next_batch(kPartition, 50)));
  expect_holds(*log, history, kPartition);
}

TEST_F(KafkaTopics, OfTwoPrefixesAreTwoDeployments) {
  const auto log = opened(settings_);
  const auto other = opened(fresh_settings(broker_));
  EXPECT_NE(log->deployment(), other->deployment());
  History history(*log);
  ASSERT_TRUE(writer_of(*log, {2})->append(history.next_batch(kPartition, 3)));
  EXPECT_TRUE(read_all(*other, {kPartition, {0}}).empty());
}

TEST_F(KafkaTopics, TellWhenNoBrokerAnswers) {
  settings_.bootstrap_servers = "127.0.0.1:1";
  settings_.read_timeout = std::chrono::milliseconds(300);
  const auto log = open_kafka(settings_);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, LogErrorKind::unavailable);
}

}  // namespace
}  // namespace boxoffice::event_log::testing
