#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "commands/processor/memory_keys.hpp"
#include "commands/processor/processor.hpp"
#include "event-log/memory/memory_log.hpp"
#include "tests/processor/memory_snapshots.hpp"
#include "tests/processor/vocabulary.hpp"

namespace boxoffice::processor {

using namespace vocabulary;

/// A question under way: empty until it is answered.
using Asked = std::shared_ptr<std::optional<Answer>>;

/// A processor on a log in memory, driven step by step by the test's clock.
class ProcessorTest : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kPartitions = 4;

  ~ProcessorTest() override { stop(); }

  void start() {
    log_ = event_log::open_memory(store_, faults_);
    keys_ = std::make_unique<MemoryKeys>(key_settings_);
    std::vector<schema::Partition> all;
    for (std::uint16_t i = 0; i < kPartitions; ++i) all.push_back({i});
    processor_ =
        std::make_unique<Processor>(settings_,
                                    Surroundings{.log = *log_,
                                                 .keys = *keys_,
                                                 .snapshots = snapshots_,
                                                 .background = background_,
                                                 .may_take_over = may_take_over_,
                                                 .clock_trouble = clock_trouble_,
                                                 .stopwatch = stopwatch_,
                                                 .on_append_failed = on_append_failed_,
                                                 .on_take_over_failed = on_take_over_failed_},
                                    std::move(all));
  }

  void stop() {
    processor_.reset();
    keys_.reset();
    log_.reset();
  }

  void restart() {
    stop();
    start();
  }

  /// An open occasion of so many tickets.
  void open_occasion(std::int64_t capacity, schema::Milliseconds ttl = 5min) {
    ask("create", create(details(capacity, ttl)));
    ask("open", open());
    step();
  }

  Asked ask(Submission submission) {
    auto asked = std::make_shared<std::optional<Answer>>();
    submission.respond = [this, asked](Answer answer) {
      EXPECT_FALSE(asked->has_value()) << "answered twice";
      if (on_answer_) on_answer_(answer);
      *asked = std::move(answer);
    };
    if (!processor_->submit(std::move(submission))) *asked = Unavailable{"the inbox is full"};
    return asked;
  }

  Asked ask(std::string_view key, schema::Command command) {
    return ask(submission(occasion(), key, std::move(command), now_));
  }

  Asked ask_claim(std::string_view key, std::string_view person) {
    return ask(key, claim(key, person));
  }

  Processor::Progress step() { return processor_->step(now_); }

  void leave() {
    while (processor_->prepare_to_leave()) step();
    processor_->leave();
  }

  void step_until_idle() {
    while (step().more) {
    }
  }

  /// The values on the log, in order.
  std::vector<std::string> history() {
    std::vector<std::string> values;
    for (std::uint16_t i = 0; i < kPartitions; ++i) {
      const auto cursor = log_->read_after({{i}, {}});
      for (;;) {
        const auto events = cursor->read(1u << 20);
        if (events->empty()) break;
        for (const auto& event : *events) values.emplace_back(event.value);
      }
    }
    return values;
  }

  event_log::CommittedEvent event_at(schema::Position position) {
    event_log::CommittedEvent event;
    event.value = **log_->at(position);
    event.value.reserve(event.value.size() + schema::kPadding);
    schema::Reader reader;
    EXPECT_TRUE(reader.event(event.value, event.envelope, event.event));
    return event;
  }

  schema::Partition partition() const {
    return schema::partition_of(schema::to_text(occasion()), kPartitions);
  }

  Settings settings_;
  MemoryKeysSettings key_settings_;
  event_log::Faults faults_;
  std::shared_ptr<event_log::MemoryStore> store_ = event_log::make_memory_store(kPartitions);
  MemorySnapshots snapshots_;
  AtOnce background_;
  Instant now_ = noon();
  std::function<void(const Answer&)> on_answer_;
  std::function<std::expected<void, std::string>()> may_take_over_;
  std::function<std::optional<std::string>(Instant)> clock_trouble_;
  std::function<std::chrono::nanoseconds()> stopwatch_ = [] { return std::chrono::nanoseconds(); };
  std::function<void(const AppendFailed&)> on_append_failed_;
  std::function<void(const TakeOverFailed&)> on_take_over_failed_;

  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<MemoryKeys> keys_;
  std::unique_ptr<Processor> processor_;
};

/// The values of an outcome's events.
inline std::vector<std::string> values_of(const Outcome& outcome) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < outcome.count; ++i)
    values.push_back(outcome.batch->events[outcome.first + i].value);
  return values;
}

inline const Outcome& outcome_of(const Asked& asked) {
  EXPECT_TRUE(asked->has_value()) << "not answered";
  return std::get<Outcome>(asked->value());
}

template <class Event>
const Event& event_of(const Asked& asked) {
  return std::get<Event>(outcome_of(asked).deciding_event().event);
}

template <class Alternative>
bool is(const Asked& asked) {
  return asked->has_value() && std::holds_alternative<Alternative>(asked->value());
}

}  // namespace boxoffice::processor
