// Commands that come through a topic, from gateways that are processes of their own.

#include <fstream>
#include <set>

#include "commands/post/posted_commands.hpp"
#include "commands/processor/adoption.hpp"
#include "commands/processor/reply.hpp"
#include "commands/processor/topic_arrivals.hpp"
#include "event-log/copy_mark.hpp"
#include "event-log/memory/memory_commands.hpp"
#include "event-log/memory/memory_store.hpp"
#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {
namespace {

/// One partition, its topic, and two gateways. What is in process_ dies with `crash`.
class Topic : public testing::Test {
 protected:
  Topic() { start(); }
  ~Topic() override { crash(); }

  void start() {
    event_log::Faults faults;
    faults.append = [this](const event_log::Batch&) {
      return std::exchange(next_append_, event_log::AppendFate::committed);
    };
    faults.settle = [this](const event_log::Batch&) { return settles_committed_; };
    log_ = event_log::open_memory(store_, std::move(faults));
    following_ = log_->follow([this](const std::shared_ptr<const Batch>& batch) {
      for (const event_log::ReplyRecord& reply : batch->replies)
        for (auto* gateway : {&here_, &there_}) gateway->replied(reply.to, reply.value);
    });
    keys_ = std::make_unique<MemoryKeys>(MemoryKeysSettings{});
    arrivals_ = std::make_unique<TopicArrivals>(
        around_(commands_->source(kPartition)), kPartitions, 100,
        [this](std::uint64_t from, std::uint64_t to, const std::string& why) {
          passed_over_.push_back(std::to_string(from) + "-" + std::to_string(to) + " " + why);
        },
        [this] { return std::chrono::steady_clock::time_point(now_ - noon()); });
    processor_ = std::make_unique<Processor>(
        settings_,
        Surroundings{
            .log = *log_,
            .keys = *keys_,
            .snapshots = snapshots_,
            .background = background_,
            .arrivals = arrivals_.get(),
            .on_skipped = [this](const CommandsSkipped& told) { told_ = told; },
            .on_let_go = [this](const LetGo& told) { let_go_.push_back(told.error.message); }},
        std::vector{kPartition});
  }

  /// Nobody is told anything any more.
  void crash() {
    following_.reset();
    processor_.reset();
    arrivals_.reset();
    keys_.reset();
    log_.reset();
  }

  Asked ask(post::PostedCommands& gateway, std::string_view key, schema::Command command) {
    auto asked = std::make_shared<std::optional<Answer>>();
    Submission submission = vocabulary::submission(occasion(), key, std::move(command), now_);
    submission.respond = [asked](Answer answer) {
      EXPECT_FALSE(asked->has_value()) << "answered twice";
      *asked = std::move(answer);
    };
    EXPECT_TRUE(gateway.submit(std::move(submission)));
    return asked;
  }
  Asked ask_claim(std::string_view key) { return ask(here_, key, claim(key, key)); }

  void leave() {
    while (processor_->prepare_to_leave()) step();
    processor_->leave();
  }

  void step() {
    now_ += 10s;  // whatever has to be waited for
    while (processor_->step(now_).more) {
    }
  }

  void open_occasion(std::int64_t capacity) {
    ask(here_, "create", create(details(capacity)));
    ask(here_, "open", open());
    step();
  }

  std::uint64_t end() { return log_->end(kPartition).value; }

  static constexpr std::uint16_t kPartitions = 2;
  const schema::Partition kPartition =
      schema::partition_of(schema::to_text(occasion()), kPartitions);
  Settings settings_;
  std::shared_ptr<event_log::MemoryStore> store_ = event_log::make_memory_store(kPartitions);
  event_log::AppendFate next_append_ = event_log::AppendFate::committed;
  bool settles_committed_ = false;
  bool loses_acknowledgements_ = false;
  bool reads_fail_ = false;
  std::unique_ptr<event_log::MemoryCommands> commands_ =
      std::make_unique<event_log::MemoryCommands>(
          kPartitions, "cluster/commands",
          event_log::MemoryCommands::Faults{
              .loses_acknowledgement = [this] { return loses_acknowledgements_; },
              .read_fails = [this] { return reads_fail_; }});
  static post::PostedCommands::Settings gateway(std::string name) {
    return {.gateway = std::move(name), .deployment = "memory000000", .partitions = kPartitions};
  }
  post::PostedCommands here_{gateway("here"), *commands_};
  post::PostedCommands there_{gateway("there"), *commands_};
  MemorySnapshots snapshots_;
  AtOnce background_;
  Instant now_ = noon();
  std::vector<std::string> passed_over_;
  std::optional<CommandsSkipped> told_;
  std::vector<std::string> let_go_;
  using Source = std::unique_ptr<event_log::CommandSource>;
  std::function<Source(Source)> around_ = [](Source source) { return source; };

  std::unique_ptr<event_log::Log> log_;
  std::shared_ptr<void> following_;
  std::unique_ptr<MemoryKeys> keys_;
  std::unique_ptr<TopicArrivals> arrivals_;
  std::unique_ptr<Processor> processor_;
};

TEST_F(Topic, TellsWhoAskedWhatStandsOnTheLog) {
  open_occasion(10);
  const Asked asked = ask_claim("mine");
  EXPECT_FALSE(asked->has_value());
  step();
  const event_log::CommittedEvent& told = outcome_of(asked).deciding_event();
  EXPECT_EQ(told.value, **log_->at(told.envelope.position));
  EXPECT_EQ(told.envelope.command_log, "cluster/commands");
  EXPECT_EQ(told.envelope.command_offset, 2);
  EXPECT_EQ(std::get<schema::TicketClaimed>(told.event).number, 1);
  EXPECT_EQ(told.topic, schema::topic_of(told.event));
  EXPECT_EQ(here_.underway(), 0u);
}

TEST_F(Topic, AnswersARepeatAtAnotherGatewayWithTheSame) {
  open_occasion(10);
  const Asked first = ask_claim("mine");
  step();
  const Asked again = ask(there_, "mine", claim("mine", "mine"));
  step();
  EXPECT_TRUE(outcome_of(again).repeated);
  EXPECT_EQ(outcome_of(again).deciding_event().value, outcome_of(first).deciding_event().value);
  Submission other = vocabulary::submission(occasion(), "mine", claim("mine", "you"), now_);
  other.identity = identity("mine", "another body");
  Asked refused = std::make_shared<std::optional<Answer>>();
  other.respond = [refused](Answer answer) { *refused = std::move(answer); };
  there_.submit(std::move(other));
  step();
  EXPECT_TRUE(is<KeyReused>(refused));
}

TEST_F(Topic, GoesOnBehindTheLastThatWasDecided) {
  for (const bool with_snapshot : {false, true}) {
    SCOPED_TRACE(with_snapshot);
    if (end() == 0) open_occasion(10);
    const Asked before = ask_claim(with_snapshot ? "c" : "a");
    step();
    if (with_snapshot) leave();
    const std::uint64_t decided = end();
    crash();
    start();
    const Asked meanwhile = ask_claim(with_snapshot ? "d" : "b");
    step();
    EXPECT_EQ(end(), decided + 1);
    EXPECT_EQ(processor_->stats().commands_repeated, 0u) << "none came again";
    EXPECT_TRUE(before->has_value());
    EXPECT_TRUE(std::holds_alternative<schema::TicketClaimed>(
        outcome_of(meanwhile).deciding_event().event));
  }
}

TEST_F(Topic, DecidesAgainWhatGotLostAndNothingElse) {
  open_occasion(10);
  const std::uint64_t before = end();
  for (const bool is_committed : {false, true}) {
    SCOPED_TRACE(is_committed);
    next_append_ = event_log::AppendFate::in_doubt;
    settles_committed_ = is_committed;
    const Asked asked = ask_claim(is_committed ? "b" : "a");
    step();
    EXPECT_FALSE(asked->has_value()) << "nobody knows yet";
    step();
    EXPECT_FALSE(outcome_of(asked).repeated);
  }
  EXPECT_EQ(end(), before + 2);
}

TEST_F(Topic, DecidesInTheTopicsOrderAlsoWhatHadBeenTakenWhenItWasLost) {
  settings_.batch_commands_max = 1;
  crash();
  start();
  open_occasion(10);
  const std::uint64_t before = end();
  for (const char* key : {"a", "b", "c"}) ask_claim(key);
  now_ += 1h;  // all of them come too late, which binds no key
  next_append_ = event_log::AppendFate::refused;
  step();
  step();
  std::vector<std::uint64_t> offsets;
  schema::Reader reader;
  for (std::uint64_t n = before + 1; n <= end(); ++n) {
    schema::Envelope envelope;
    schema::Event event;
    ASSERT_TRUE(reader.event(**log_->at({kPartition, {n}}), envelope, event));
    offsets.push_back(*envelope.command_offset);
  }
  EXPECT_THAT(offsets, testing::ElementsAre(2, 3, 4));
}

TEST_F(Topic, PassesOverWhatIsNoCommand) {
  open_occasion(10);
  event_log::CommandPost::Sent nobody = [](std::optional<std::string>) {};
  commands_->send(kPartition, "k", R"({"specversion":"1.0"})", nobody);
  commands_->send(kPartition, "k", "-", nobody);
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_TRUE(asked->has_value());
  ASSERT_EQ(passed_over_.size(), 2u);
  EXPECT_THAT(passed_over_[0], testing::StartsWith("2-3 /id"));
}

TEST_F(Topic, PassesOverWithoutAWordWhatAGatewayHasTriedToWrite) {
  open_occasion(10);
  event_log::CommandPost::Sent nobody = [](std::optional<std::string>) {};
  commands_->send(kPartition, "", "", nobody);
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_TRUE(asked->has_value());
  EXPECT_THAT(passed_over_, testing::IsEmpty());
}

/// The log would end the program, and whoever takes over next would be ended by the same command.
TEST_F(Topic, PassesOverAWrappedKeyThatTheLogDoesNotTake) {
  open_occasion(10);
  const auto many = [](std::string_view text, int times) {
    std::string all;
    while (times-- > 0) all += text;
    return all;
  };
  const std::vector<Submission::AttachedKey> wrong{
      {"service", "mine"},  // what the log says of itself
      {"x", "k"},
      {"/x", "k"},
      {"person/", "k"},
      {"place/x", "k"},
      {"person/x y", "k"},
      {"person/" + many("é", 248), "k"},  // few enough characters
      {"person/x", many("é", 4096)},
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    const std::string name = "wrong" + std::to_string(i);
    Submission submission = vocabulary::submission(occasion(), name, claim(name, name), now_);
    submission.key = wrong[i];
    submission.respond = [](Answer) { ADD_FAILURE() << "nobody decides that"; };
    EXPECT_TRUE(here_.submit(std::move(submission)));
  }
  Submission right = vocabulary::submission(occasion(), "right", claim("right", "me"), now_);
  right.key = {"person/AAAAAAAAAAAAAAAAAAAAAA/aZ-_0123456", many("k", 4096)};
  right.respond = [](Answer) {};
  here_.submit(std::move(right));
  const std::uint64_t before = end();
  step();
  EXPECT_EQ(end(), before + 1);
  EXPECT_EQ(passed_over_.size(), wrong.size());
  for (const std::string& why : passed_over_) EXPECT_THAT(why, testing::HasSubstr(" /key"));
  EXPECT_EQ(**log_->key(kPartition, "person/AAAAAAAAAAAAAAAAAAAAAA/aZ-_0123456"), many("k", 4096));
  for (const Submission::AttachedKey& key : wrong)
    EXPECT_EQ(*log_->key(kPartition, key.name), std::nullopt);
}

/// As a tool that shares keys out in another way.
class Misplacing final : public event_log::CommandPost {
 public:
  Misplacing(event_log::CommandPost& post, schema::Partition into) : post_(post), into_(into) {}
  bool send(schema::Partition, std::string_view key, std::string_view value, Sent& sent) override {
    return post_.send(into_, key, value, sent);
  }

 private:
  event_log::CommandPost& post_;
  const schema::Partition into_;
};

TEST_F(Topic, PassesOverWhatBelongsToAnotherPartition) {
  open_occasion(10);
  Misplacing misplacing(*commands_, kPartition);
  post::PostedCommands tool(gateway("tool"), misplacing);
  std::string word = "gala";
  while (schema::partition_of(schema::to_text(occasion(word)), kPartitions) == kPartition)
    word += "!";
  tool.submit(vocabulary::submission(occasion(word), "astray", open(), now_));
  const std::uint64_t before = end();
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_TRUE(asked->has_value()) << "the partition goes on";
  EXPECT_EQ(end(), before + 1);
  EXPECT_THAT(passed_over_, testing::ElementsAre(testing::StartsWith("2-3 /subject: belongs to")));
}

TEST_F(Topic, DoesNotGoOnWhereTheTopicWasCutShort) {
  open_occasion(10);
  crash();
  commands_->cut_at(kPartition, 1);
  start();
  step();
  EXPECT_FALSE(processor_->status().ready);
  EXPECT_FALSE(processor_->status().retry_helps);
  EXPECT_THAT(processor_->status().reason, testing::HasSubstr("it ends at 1"));
}

/// Commands that are deleted before anybody has decided them.
class DeletedCommands : public Topic {
 protected:
  using Range = std::pair<std::int64_t, std::int64_t>;

  DeletedCommands() { open_occasion(10); }  // offsets 0 and 1

  event_log::CommittedEvent event_at(std::uint64_t sequence) {
    event_log::CommittedEvent event;
    event.value = **log_->at({kPartition, {sequence}});
    event.value.reserve(event.value.size() + schema::kPadding);
    schema::Reader reader;
    EXPECT_TRUE(reader.event(event.value, event.envelope, event.event));
    return event;
  }

  /// What history says was skipped, in its order.
  std::vector<Range> skipped() {
    std::vector<Range> ranges;
    for (std::uint64_t n = 1; n <= end(); ++n) {
      const auto event = event_at(n);
      if (const auto* skipped = std::get_if<schema::CommandsSkipped>(&event.event))
        ranges.emplace_back(skipped->from, skipped->through);
    }
    return ranges;
  }
};

TEST_F(DeletedCommands, AreAnEventBeforeTheNextOutcome) {
  crash();
  ask_claim("gone");
  ask_claim("gone too");
  ask_claim("kept");
  commands_->forget_before(kPartition, 4);
  const std::uint64_t before = store_->end(kPartition).value;
  start();
  step();
  ASSERT_EQ(end(), before + 2);
  const auto told = event_at(before + 1);
  EXPECT_EQ(told.event,
            schema::Event(schema::CommandsSkipped{.log = "cluster/commands",
                                                  .from = 2,
                                                  .through = 3,
                                                  .end = 5,
                                                  .found = schema::SkipFound::taking_over}));
  EXPECT_EQ(told.envelope.subject, std::to_string(kPartition.value));
  EXPECT_EQ(told.envelope.command_offset, 3);
  EXPECT_EQ(told.envelope.command_log, "cluster/commands");
  EXPECT_EQ(told.envelope.causation + told.envelope.actor, "") << "nobody asked for it";
  EXPECT_EQ(event_at(before + 2).envelope.command_offset, 4);
  EXPECT_EQ(processor_->stats().commands_skipped, 2u);
  ASSERT_TRUE(told_.has_value());
  EXPECT_EQ(told_->position, told.envelope.position);
  EXPECT_THAT(passed_over_, testing::IsEmpty());
}

TEST_F(DeletedCommands, AreToldOnceAlsoWhereNothingIsLeft) {
  crash();
  ask_claim("gone");
  commands_->forget_before(kPartition, 3);
  for (const bool with_snapshot : {false, true, false}) {
    SCOPED_TRACE(with_snapshot);
    start();
    step();
    EXPECT_TRUE(processor_->status().ready);
    EXPECT_THAT(skipped(), testing::ElementsAre(Range{2, 2})) << "found by one, known to the next";
    if (with_snapshot) leave();
    crash();
  }
  start();
}

TEST_F(DeletedCommands, AreToldByTheNextWhereTheTellingGotLost) {
  for (const bool is_committed : {false, true}) {
    SCOPED_TRACE(is_committed);
    crash();
    ask_claim(is_committed ? "b" : "a");
    commands_->forget_before(kPartition, is_committed ? 4 : 3);
    next_append_ = event_log::AppendFate::in_doubt;
    settles_committed_ = is_committed;
    start();
    step();
    step();
    EXPECT_TRUE(processor_->status().ready);
  }
  EXPECT_THAT(skipped(), testing::ElementsAre(Range{2, 2}, Range{3, 3}));
}

TEST_F(DeletedCommands, AreToldByWhoHoldsThePartition) {
  ask_claim("decided");
  step();
  ask_claim("gone");
  ask_claim("kept");
  commands_->forget_before(kPartition, 4);
  const std::uint64_t before = end();
  step();
  step();  // it has looked where the topic begins now
  ASSERT_EQ(end(), before + 2);
  const auto told = event_at(before + 1);
  EXPECT_EQ(std::get<schema::CommandsSkipped>(told.event).found, schema::SkipFound::deciding);
  EXPECT_THAT(skipped(), testing::ElementsAre(Range{3, 3}));
}

TEST_F(DeletedCommands, AreTheTopicsFirstWhereNothingOfItWasDecided) {
  crash();
  commands_ = std::make_unique<event_log::MemoryCommands>(kPartitions, "elsewhere/commands");
  post::PostedCommands anew(gateway("new"), *commands_);
  ask(anew, "gone", claim("gone", "gone"));
  ask(anew, "kept", claim("kept", "kept"));
  commands_->forget_before(kPartition, 1);
  start();
  step();
  EXPECT_THAT(skipped(), testing::ElementsAre(Range{0, 0}));
  crash();
}

TEST_F(DeletedCommands, AreDecidedAnewWhereTheyAreAskedAgain) {
  crash();
  const Asked gone = ask_claim("mine");
  commands_->forget_before(kPartition, 3);
  start();
  step();
  EXPECT_FALSE(gone->has_value()) << "whoever waits is answered by time alone";
  const Asked again = ask(there_, "mine", claim("mine", "mine"));
  step();
  EXPECT_FALSE(outcome_of(again).repeated);
  EXPECT_TRUE(
      std::holds_alternative<schema::TicketClaimed>(outcome_of(again).deciding_event().event));
}

/// A topic that another one stands behind.
class Changed : public event_log::CommandSource {
 public:
  explicit Changed(std::unique_ptr<event_log::CommandSource> source) : source_(std::move(source)) {}
  std::string_view log() const override { return source_->log(); }
  event_log::Result<Bounds> bounds(std::chrono::milliseconds patience) override {
    return source_->bounds(patience);
  }
  event_log::Result<void> seek(std::uint64_t offset) override { return source_->seek(offset); }
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t max) override {
    return source_->read(max);
  }
  void wait(std::chrono::steady_clock::time_point) override {}
  void interrupt() override {}

 private:
  const std::unique_ptr<event_log::CommandSource> source_;
};

/// A topic that has no record at some offset, as behind another program's transaction.
class Holed final : public Changed {
 public:
  Holed(std::unique_ptr<event_log::CommandSource> source, std::uint64_t hole)
      : Changed(std::move(source)), hole_(hole) {}
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t max) override {
    found_.clear();
    const auto records = Changed::read(max);
    if (!records) return records;
    std::ranges::copy_if(*records, std::back_inserter(found_),
                         [this](const auto& record) { return record.offset != hole_; });
    return std::span<const event_log::CommandRecord>(found_);
  }

 private:
  const std::uint64_t hole_;
  std::vector<event_log::CommandRecord> found_;
};

TEST_F(DeletedCommands, AreNotWhatNeverWasThere) {
  crash();
  around_ = [](auto source) { return std::make_unique<Holed>(std::move(source), 3); };
  start();
  const std::uint64_t before = end();
  ask_claim("a");
  ask_claim("in the hole");
  const Asked behind = ask_claim("c");
  step();
  step();  // what lies behind a gap waits for the next time
  EXPECT_TRUE(behind->has_value());
  EXPECT_EQ(end(), before + 2);
  EXPECT_THAT(skipped(), testing::IsEmpty());
  EXPECT_THAT(passed_over_, testing::ElementsAre(testing::StartsWith("3-4 ")));
}

/// As a client library that begins at the start of a topic that it does not know any more.
class Rewinding final : public Changed {
 public:
  Rewinding(std::unique_ptr<event_log::CommandSource> source, const bool& rewinds)
      : Changed(std::move(source)), rewinds_(rewinds) {}
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t max) override {
    if (rewinds_) (void)seek(0);
    return Changed::read(max);
  }

 private:
  const bool& rewinds_;
};

/// Tells for how long it was to wait for who knows where it begins and ends.
class Patient final : public Changed {
 public:
  Patient(std::unique_ptr<event_log::CommandSource> source,
          std::vector<std::chrono::milliseconds>& waited)
      : Changed(std::move(source)), waited_(waited) {}
  event_log::Result<Bounds> bounds(std::chrono::milliseconds patience) override {
    waited_.push_back(patience);
    return Changed::bounds(patience);
  }

 private:
  std::vector<std::chrono::milliseconds>& waited_;
};

/// A topic that somebody meddles with while its partition is held.
class MeddledWith : public Topic {
 protected:
  MeddledWith() {
    open_occasion(10);
    ask_claim("decided");
    step();
    decided_ = end();
  }

  /// Some steps later nothing more was decided, and the processor says why.
  void expect_undecided(std::string_view why) {
    for (int i = 0; i < 5; ++i) step();
    EXPECT_EQ(end(), decided_);
    EXPECT_FALSE(processor_->status().ready);
    EXPECT_FALSE(processor_->status().retry_helps);
    EXPECT_THAT(processor_->status().reason, testing::HasSubstr(why));
  }

  std::uint64_t decided_ = 0;
};

TEST_F(MeddledWith, IsLeftUndecidedWhereItIsCutShort) {
  commands_->cut_at(kPartition, 1);
  ask_claim("another");
  expect_undecided("has been decided up to offset 2 of partition " +
                   std::to_string(kPartition.value) + ", but it ends at 2");
  EXPECT_THAT(let_go_, testing::ElementsAre(testing::HasSubstr("has been read up to offset 3")));
}

TEST_F(MeddledWith, IsLookedAtForAMomentOnlyWhileItIsHeld) {
  crash();
  std::vector<std::chrono::milliseconds> waited;
  around_ = [&](auto source) { return std::make_unique<Patient>(std::move(source), waited); };
  start();
  step();
  ASSERT_EQ(waited.size(), 1u) << "taking over";
  EXPECT_GE(waited.front(), 5s);
  ask_claim("deleted");
  ask_claim("another");
  commands_->forget_before(kPartition, 4);
  step();
  now_ += 1s;  // not looked for again at once
  step();
  ASSERT_EQ(waited.size(), 2u);
  EXPECT_LE(waited.back(), 1s) << "timers are due meanwhile";
}

TEST_F(MeddledWith, IsLeftUndecidedWhereItIsMadeAnewHoweverLongItGrows) {
  commands_->make_anew();
  for (const char* key : {"a", "b", "c", "d", "e"}) ask_claim(key);
  expect_undecided("made anew");
}

TEST_F(MeddledWith, IsLeftUndecidedAlsoByWhoNeverSawTheOneBefore) {
  crash();
  const auto made = [this](std::string log) {
    commands_ = std::make_unique<event_log::MemoryCommands>(kPartitions, std::move(log));
    return std::make_unique<post::PostedCommands>(gateway("new"), *commands_);
  };
  const auto first = made("other/commands/first-id");
  start();
  ask(*first, "decided in the first", claim("first", "first"));
  step();
  decided_ = end();
  crash();
  const auto second = made("other/commands/second-id");
  for (const char* key : {"a", "b", "c"}) ask(*second, key, claim(key, key));
  start();
  expect_undecided("by now another topic has that name, second-id");
  crash();
}

TEST_F(MeddledWith, IsLetGoOfWhereItGoesBack) {
  crash();
  bool rewinds = false;
  around_ = [&](auto source) { return std::make_unique<Rewinding>(std::move(source), rewinds); };
  start();
  step();
  now_ += 1h;  // what comes again would come too late, which has an outcome of its own
  rewinds = true;
  processor_->step(now_);
  EXPECT_FALSE(processor_->status().ready);
  EXPECT_THAT(processor_->status().reason, testing::HasSubstr("has a record at 0 again"));
  EXPECT_EQ(end(), decided_);
  rewinds = false;
  const Asked asked = ask_claim("another");
  step();
  EXPECT_TRUE(asked->has_value()) << "taken over again, it goes on where it was";
  crash();
}

TEST_F(Topic, SaysThatItCannotBeReadAndGoesOnWhenItCan) {
  open_occasion(10);
  reads_fail_ = true;
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_FALSE(asked->has_value());
  EXPECT_EQ(arrivals_->trouble(), "the topic cannot be read");
  reads_fail_ = false;
  while (!asked->has_value()) step();
  EXPECT_EQ(arrivals_->trouble(), std::nullopt);
}

TEST_F(Topic, ForgetsItsTroubleWithThePartition) {
  open_occasion(10);
  ask_claim("mine");
  step();
  now_ += 6min;  // its expiry is due
  reads_fail_ = true;
  next_append_ = event_log::AppendFate::refused;
  step();
  ASSERT_FALSE(processor_->status().ready);
  ASSERT_TRUE(arrivals_->trouble().has_value());
  reads_fail_ = false;
  step();
  EXPECT_TRUE(processor_->status().ready);
  EXPECT_EQ(arrivals_->trouble(), std::nullopt);
}

TEST_F(Topic, BeginsAnewWithTheCommandsOfAnotherTopic) {
  open_occasion(10);
  crash();
  const auto old = std::exchange(
      commands_, std::make_unique<event_log::MemoryCommands>(kPartitions, "elsewhere/commands"));
  post::PostedCommands anew(gateway("new"), *commands_);
  const std::uint64_t before = store_->end(kPartition).value;
  ask(anew, "mine", claim("mine", "mine"));
  start();
  step();
  EXPECT_EQ(end(), before + 1);
  crash();
}

/// As a log that was copied away and back, into the topics that it came from.
TEST_F(Topic, DecidesNothingOfWhatStandsThereWhenACopyIsAdopted) {
  open_occasion(10);
  now_ += 1h;
  ask_claim("late");  // that came too late, which binds no key
  now_ += 1h;
  step();
  crash();
  log_ = event_log::open_memory(store_);
  const auto copy = std::make_shared<Batch>();
  copy->keys.push_back(event_log::record_of(
      {.state = event_log::CopyState::whole, .id = "the-copy", .from = "embedded"}));
  const schema::Partition zero{0};
  ASSERT_TRUE((*log_->take_over(std::span(&zero, 1)))->append(copy));
  ASSERT_TRUE(adopt_copy(*log_, "kafka", now_, [this](schema::Partition partition) {
    return commands_->source(partition);
  }));
  const std::uint64_t before = end();
  start();
  step();
  EXPECT_EQ(end(), before) << "all of it was sent to another history";
  EXPECT_EQ(processor_->stats().commands_repeated, 0u);
  const Asked asked = ask_claim("mine");
  step();
  EXPECT_FALSE(outcome_of(asked).repeated);
  EXPECT_EQ(end(), before + 1);
}

TEST_F(Topic, SaysThatNobodyKnowsWhereAnAcknowledgementGotLost) {
  open_occasion(10);
  loses_acknowledgements_ = true;
  const Asked asked = ask_claim("mine");
  EXPECT_TRUE(is<Unavailable>(asked));
  loses_acknowledgements_ = false;
  step();  // the reply comes to nobody
  const Asked again = ask_claim("mine");
  step();
  EXPECT_TRUE(outcome_of(again).repeated) << "its key tells";
}

/// A gateway by itself, with a clock of the test's for what it waits.
class Waiting : public Topic {
 protected:
  post::PostedCommands::Settings timed(std::string name) {
    auto settings = gateway(std::move(name));
    settings.now = [this] { return steady_; };
    return settings;
  }

  Asked ask_as_of(post::PostedCommands& gateway, std::string_view key, Instant received) {
    auto asked = std::make_shared<std::optional<Answer>>();
    Submission submission = vocabulary::submission(occasion(), key, claim(key, key), received);
    submission.deadline = received + 10s;
    submission.respond = [asked](Answer answer) { *asked = std::move(answer); };
    EXPECT_TRUE(gateway.submit(std::move(submission)));
    step();
    for (const auto& reply : replies_) gateway.replied(reply.to, reply.value);
    replies_.clear();
    return asked;
  }

  std::chrono::steady_clock::time_point steady_{};
  std::vector<event_log::ReplyRecord> replies_;
  std::shared_ptr<void> all_ = log_->follow([this](const std::shared_ptr<const Batch>& batch) {
    std::ranges::copy(batch->replies, std::back_inserter(replies_));
  });
};

TEST_F(Waiting, IsBoundedAndForgetsThoseWhoseReplyNeverCame) {
  auto settings = timed("small");
  settings.underway_max = 1;
  post::PostedCommands small(std::move(settings), *commands_);
  ask(small, "first", open());
  Submission second = vocabulary::submission(occasion(), "second", open(), now_);
  bool is_dropped = false;
  second.respond = [&](Answer) { is_dropped = true; };
  second.received += 1h;  // a clock that was set tells nothing of how long somebody has waited
  second.deadline += 1h;
  EXPECT_FALSE(small.submit(std::move(second)));
  ASSERT_TRUE(second.respond) << "untouched";
  steady_ += 1min + 11s;
  EXPECT_TRUE(small.submit(std::move(second))) << "the first has had its time";
  EXPECT_EQ(small.underway(), 1u);
  steady_ += 1min + 11s;
  small.forget_overdue();
  EXPECT_EQ(small.underway(), 0u) << "though no other comes";
}

TEST_F(Waiting, IsToldByTheOldestWithoutAReply) {
  post::PostedCommands gateway(timed("here"), *commands_);
  EXPECT_EQ(gateway.unanswered_for(), 0s);
  const auto send = [&](const char* key) {
    Submission submission = vocabulary::submission(occasion(), key, open(), now_);
    submission.respond = [](Answer) {};
    EXPECT_TRUE(gateway.submit(std::move(submission)));
  };
  send("first");
  steady_ += 2s;
  send("second");
  steady_ += 3s;
  EXPECT_EQ(gateway.unanswered_for(), 5s);
  gateway.replied("here.1", "");
  EXPECT_EQ(gateway.unanswered_for(), 3s);
  gateway.replied("here.2", "");
  EXPECT_EQ(gateway.unanswered_for(), 0s);
}

TEST_F(Waiting, MovesNoTimeByItsStamp) {
  open_occasion(10);
  post::PostedCommands ahead(timed("ahead"), *commands_);
  const Asked asked = ask_as_of(ahead, "mine", now_ + 1h);
  EXPECT_EQ(outcome_of(asked).deciding_event().envelope.time, now_);
}

/// What the documents of the topics say of replies is what is written.
TEST(GoldenReplies, AreWrittenAsTheyWereRead) {
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

TEST_F(Topic, HandsOnAnswersOfEachKind) {
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
