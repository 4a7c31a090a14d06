#pragma once

#include <string>

#include "commands/domain/decision.hpp"
#include "sealing/sealing.hpp"
#include "tests/processor/vocabulary.hpp"
#include "tests/simulation/historian.hpp"

namespace boxoffice::simulation {

/// A history of one partition that a test makes up, and that the Historian is told: well formed,
/// whatever happens in it.
class ForgedHistory {
 public:
  /// One event that a command of its own led to.
  schema::Position happens(std::string_view subject, schema::Event event) {
    return happens(subject, std::move(event), "command " + std::to_string(++commands_));
  }
  /// One event that the command of this key led to.
  schema::Position happens(std::string_view subject, schema::Event event, std::string_view key) {
    return append(subject, std::move(event), schema::to_text(vocabulary::identity(key)));
  }
  /// What a timer did, which the event at `armed_by` armed.
  schema::Position times_out(std::string_view subject, schema::Event event,
                             schema::Position armed_by) {
    return append(subject, std::move(event), schema::event_id(armed_by));
  }
  /// Commands of the partition were deleted.
  schema::Position skips(schema::CommandsSkipped skipped) {
    offset = static_cast<std::uint64_t>(skipped.through);
    return append_about("0", std::move(skipped), "");
  }
  void pass(schema::Milliseconds time) { now_ += time; }
  schema::Instant now() const { return now_; }

  /// What the next event says of itself, where a test says otherwise.
  std::optional<schema::Digest> previous;
  std::optional<schema::Sequence> sequence;
  std::optional<std::uint64_t> offset;  ///< of its command, on the topic called `command_log`
  std::string command_log = "cluster/commands";

  Historian historian{1};

 private:
  schema::Position append(std::string_view subject, schema::Event event, std::string causation) {
    return append_about(schema::to_text(vocabulary::occasion(subject)), std::move(event),
                        std::move(causation));
  }
  schema::Position append_about(std::string subject, schema::Event event, std::string causation) {
    const schema::Position here{{0}, sequence.value_or(historian.end({0}).next())};
    schema::Envelope envelope{.position = here,
                              .source = "boxoffice:memory000000",
                              .subject = std::move(subject),
                              .time = now_,
                              .causation = std::move(causation)};
    if (schema::command_identity_from_text(envelope.causation)) envelope.received = now_;
    envelope.command_offset = offset;
    if (offset) envelope.command_log = command_log;
    if (here.sequence.value > 1)
      envelope.previous = previous.value_or(sealing::sha256(historian.at(last()).value));
    std::string value;
    schema::write_event(value, envelope, event);
    const std::size_t size = value.size();
    value.append(schema::kPadding, '\0');
    historian.take({.topic = schema::topic_of(event),
                    .position = here,
                    .value = std::string_view(value).substr(0, size)});
    return here;
  }
  schema::Position last() const { return {{0}, historian.end({0})}; }

  schema::Instant now_ = vocabulary::noon();
  int commands_ = 0;
};

}  // namespace boxoffice::simulation
