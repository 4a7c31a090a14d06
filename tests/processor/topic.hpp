#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands/post/posted_commands.hpp"
#include "commands/processor/topic_arrivals.hpp"
#include "event-log/memory/memory_commands.hpp"
#include "event-log/memory/memory_store.hpp"
#include "tests/processor/processor_test.hpp"

namespace boxoffice::processor {

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

  event_log::CommittedEvent event_at(std::uint64_t sequence) {
    event_log::CommittedEvent event;
    event.value = **log_->at({kPartition, {sequence}});
    event.value.reserve(event.value.size() + schema::kPadding);
    schema::Reader reader;
    EXPECT_TRUE(reader.event(event.value, event.envelope, event.event));
    return event;
  }

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

}  // namespace boxoffice::processor
