#include "replay-tools/verify/judge.hpp"

#include <variant>

namespace boxoffice::replay {
namespace {

template <class T>
concept Refusal = requires(const T& event) {
  event.refusal;
};

bool is_refusal(const schema::Event& event) {
  return std::visit([]<class T>(const T&) { return Refusal<T>; }, event);
}

bool is_too_late(const schema::Event& event) {
  return std::visit(
      []<class T>(const T& alternative) {
        if constexpr (Refusal<T>)
          return alternative.refusal == decltype(alternative.refusal)::too_late;
        else
          return false;
      },
      event);
}

/// What is told about the partition itself.
bool is_of_the_partition(const schema::Event& event) {
  return std::holds_alternative<schema::LogAdopted>(event) ||
         std::holds_alternative<schema::CommandsSkipped>(event);
}

/// What no command asks for.
bool is_asked_by_nobody(const schema::Event& event) {
  return std::holds_alternative<schema::ClaimExpired>(event) || is_of_the_partition(event);
}

}  // namespace

PartitionJudge::PartitionJudge(event_log::Log& log, schema::Partition partition,
                               const VerifySettings& settings, Report& report)
    : log_(log),
      partition_(partition),
      key_window_(settings.key_window),
      source_("boxoffice:" + std::string(log.deployment())),
      report_(report),
      decided_(settings.key_window) {}

void PartitionJudge::judge(const SeenEvent& seen) {
  ++report_.counts.events;
  if (!seen.fault.empty()) report_.add(seen.position, rule::kCanonical, seen.fault);
  judge_order(seen);
  if (seen.is_readable) {
    judge_place(seen);
    judge_cause(seen);
    judge_mark(seen);
    judge_meaning(seen);
    last_time_ = std::max(last_time_, seen.envelope.time);
  }
  last_ = seen.position.sequence;
  last_hash_ = seen.hash;
}

void PartitionJudge::break_off(const std::string& why) {
  broken_off_ = true;
  report_.add({partition_, last_.next()}, rule::kStored,
              "cannot be read, and nothing after it was judged: " + why);
}

void PartitionJudge::finish(schema::Sequence end) {
  if (!broken_off_ && last_ < end)
    report_.add(
        {partition_, last_.next()}, rule::kSequence,
        "history ends here, but the log says that it has " + std::to_string(end.value) + " events");
  if (last_.value > 0) ++report_.counts.partitions;
  for (const auto& [id, occasion] : occasions_) occasion.add_to(report_.counts);
}

void PartitionJudge::judge_order(const SeenEvent& seen) {
  const schema::Sequence expected = last_.next();
  if (seen.position != schema::Position{partition_, expected})
    report_.add(seen.position, rule::kSequence,
                "stands where " + schema::event_id({partition_, expected}) + " belongs");
  if (!seen.is_readable) return;
  if (seen.envelope.position != seen.position)
    report_.add(seen.position, rule::kSequence,
                "calls itself " + schema::event_id(seen.envelope.position));
  if (seen.envelope.previous != last_hash_)
    report_.add(
        seen.position, rule::kChain,
        last_hash_ ? "prevhash is not the hash of the event before, " + schema::to_text(*last_hash_)
                   : "the first event names one before it");
  if (seen.envelope.time < last_time_)
    report_.add(
        seen.position, rule::kTime,
        schema::to_text(seen.envelope.time) + " comes after " + schema::to_text(last_time_));
}

void PartitionJudge::judge_place(const SeenEvent& seen) {
  if (seen.envelope.source != source_)
    report_.add(seen.position, rule::kPlace, "its source is " + seen.envelope.source);
  if (seen.topic != schema::topic_of(seen.event))
    report_.add(seen.position, rule::kPlace,
                "it stands in " + std::string(schema::topic_name(seen.topic)));
  if (is_of_the_partition(seen.event)) {
    if (seen.envelope.subject != std::to_string(partition_.value))
      report_.add(seen.position, rule::kPlace, "its subject is not the partition's number");
    return;
  }
  if (seen.envelope.subject == last_subject_) return;
  if (schema::partition_of(seen.envelope.subject, log_.partitions()) != partition_)
    report_.add(seen.position, rule::kPlace, "its subject belongs into another partition");
  else
    last_subject_ = seen.envelope.subject;
}

void PartitionJudge::judge_cause(const SeenEvent& seen) {
  if (is_asked_by_nobody(seen.event)) {
    // Which event armed a timer, the claim knows.
    if (!seen.envelope.actor.empty() || !seen.envelope.correlation.empty())
      report_.add(seen.position, rule::kCause, "nobody asks for what is done by itself");
    return;
  }
  if (!seen.command) {
    report_.add(seen.position, rule::kCause, "it names no command as its cause");
    return;
  }
  judge_decided_once(seen, *seen.command);
}

/// Commands are decided in the order of their topic. A copy's begin anew, and so do those of
/// another topic.
void PartitionJudge::judge_mark(const SeenEvent& seen) {
  const schema::Envelope& envelope = seen.envelope;
  if (std::holds_alternative<schema::LogAdopted>(seen.event)) decided_through_.reset();
  if (const auto* skipped = std::get_if<schema::CommandsSkipped>(&seen.event))
    judge_skipped(seen, *skipped);
  if (!envelope.command_offset) return;
  const bool goes_on = decided_through_ && decided_log_ == envelope.command_log;
  const bool is_of_the_same = seen.command && seen.command->id == decided_command_;
  if (goes_on && (*envelope.command_offset < *decided_through_ ||
                  (*envelope.command_offset == *decided_through_ && !is_of_the_same)))
    report_.add(seen.position, rule::kCommands,
                "its command stands at " + std::to_string(*envelope.command_offset) + ", and " +
                    decided_log_ + " had been decided through " +
                    std::to_string(*decided_through_));
  if (!goes_on) decided_log_ = envelope.command_log;
  decided_through_ = envelope.command_offset;
  decided_command_ = seen.command ? seen.command->id : schema::CommandId{};
}

void PartitionJudge::judge_skipped(const SeenEvent& seen, const schema::CommandsSkipped& skipped) {
  const auto says = [&](std::string what) {
    report_.add(seen.position, rule::kCommands, std::move(what));
  };
  const schema::Envelope& envelope = seen.envelope;
  const auto through = static_cast<std::uint64_t>(skipped.through);
  if (envelope.command_offset != through || envelope.command_log != skipped.log)
    says("it says two things of how far commands are decided");
  if (skipped.from > skipped.through || skipped.through >= skipped.end)
    says("it skips no range of the topic");
  const bool goes_on = decided_through_ && decided_log_ == skipped.log;
  if (goes_on && static_cast<std::uint64_t>(skipped.from) <= *decided_through_)
    says("it skips what had been decided, from " + std::to_string(skipped.from) + " on");
}

void PartitionJudge::judge_decided_once(const SeenEvent& seen,
                                        const schema::CommandIdentity& command) {
  ++report_.counts.commands;
  if (is_refusal(seen.event)) ++report_.counts.refusals;

  const std::optional<schema::Sequence> before = decided_.find(command.id);
  if (before && was_decided_at(*before, command.id, seen.envelope.time))
    report_.add(seen.position, rule::kDecidedOnce,
                "its command was decided by " + schema::event_id({partition_, *before}));
  // What came too late binds nothing: it may be decided again.
  if (!is_too_late(seen.event))
    decided_.add(command.id, seen.position.sequence, seen.envelope.time);
}

/// Half an id led here; the event there has the whole, and the time.
bool PartitionJudge::was_decided_at(schema::Sequence at, const schema::CommandId& id,
                                    schema::Instant now) {
  auto value = log_.at({partition_, at});
  if (!value || !*value) return true;
  (**value).reserve((**value).size() + schema::kPadding);
  schema::Envelope envelope;
  schema::Event event;
  if (!reader_.event(**value, envelope, event)) return true;
  const auto there = schema::command_identity_from_text(envelope.causation);
  return there && there->id == id && envelope.time + key_window_ > now;
}

void PartitionJudge::judge_meaning(const SeenEvent& seen) {
  switch (seen.topic) {
    case schema::Topic::accounts:
      return judge_key(seen);
    case schema::Topic::occasions:
    case schema::Topic::claims:
      break;
    case schema::Topic::requests:
    case schema::Topic::allocations:
    case schema::Topic::tickets:
    case schema::Topic::scans:
    case schema::Topic::deliveries:
    case schema::Topic::audit:
      return;
  }
  OccasionRules* const rules = occasion(seen.envelope.subject);
  if (rules == nullptr) {
    report_.add(seen.position, rule::kPlace, "its subject is not the id of an occasion");
    return;
  }
  rules->judge({seen.position, seen.envelope.time, seen.envelope, seen.command}, seen.event);
}

void PartitionJudge::prefetch(const SeenEvent& seen) const {
  if (!seen.is_readable || !seen.command) return;
  decided_.prefetch(seen.command->id);
  if (last_occasion_ != nullptr && seen.envelope.subject == last_occasion_text_)
    last_occasion_->prefetch(seen.event);
}

OccasionRules* PartitionJudge::occasion(const std::string& text) {
  if (last_occasion_ != nullptr && last_occasion_text_ == text) return last_occasion_;
  const auto id = schema::id_from_text<schema::OccasionId>(text);
  if (!id) return nullptr;
  last_occasion_ = &occasions_.try_emplace(*id, *id, report_).first->second;
  last_occasion_text_ = text;
  return last_occasion_;
}

void PartitionJudge::judge_key(const SeenEvent& seen) {
  const auto id = schema::id_from_text<schema::KeyId>(seen.envelope.subject);
  if (!id) {
    report_.add(seen.position, rule::kPlace, "its subject is not the id of a key");
    return;
  }
  const bool exists = keys_.contains(*id);
  const auto expect = [&](bool expected, std::string_view rule, const char* otherwise) {
    if (exists != expected) report_.add(seen.position, rule, otherwise);
  };
  const auto expect_refusal = [&](schema::KeyRefusal refusal) {
    if (refusal == schema::KeyRefusal::unknown_key)
      expect(false, rule::kRefusal, "the key was known");
    if (refusal == schema::KeyRefusal::key_ended && !ended_keys_.contains(*id))
      report_.add(seen.position, rule::kRefusal, "the key had not ended");
  };
  if (std::holds_alternative<schema::KeyCreated>(seen.event)) {
    if (ended_keys_.contains(*id))
      report_.add(seen.position, rule::kKey, "the key was deleted and is made again");
    keys_.insert(*id);  // again, too: its text derives from its id
  } else if (std::holds_alternative<schema::KeyDeleted>(seen.event)) {
    expect(true, rule::kKey, "there is no such key to delete");
    keys_.erase(*id);
    ended_keys_.insert(*id);
  } else if (std::holds_alternative<schema::KeyUsed>(seen.event)) {
    expect(true, rule::kKey, "there is no such key to use");
  } else if (const auto* creation = std::get_if<schema::KeyCreationRefused>(&seen.event)) {
    expect_refusal(creation->refusal);
  } else if (const auto* deletion = std::get_if<schema::KeyDeletionRefused>(&seen.event)) {
    expect_refusal(deletion->refusal);
  } else if (const auto* use = std::get_if<schema::KeyUseRefused>(&seen.event)) {
    expect_refusal(use->refusal);
  }
}

}  // namespace boxoffice::replay
