#include "tests/simulation/cluster/topic_rules.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "commands/domain/decision.hpp"
#include "commands/processor/reply.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

TopicRules::TopicRules(event_log::MemoryCommands& commands, std::uint16_t partitions) {
  for (std::uint16_t i = 0; i < partitions; ++i) partitions_.push_back({commands.source({i}), {}});
}

void TopicRules::read_commands() {
  schema::Reader reader;
  for (PartitionOfTopic& partition : partitions_) {
    const auto records = partition.source->read(~std::size_t{0});
    for (const event_log::CommandRecord& record : *records) {
      std::string text(record.value);
      text.reserve(text.size() + schema::kPadding);
      schema::CommandEnvelope envelope;
      schema::Command command;
      if (!reader.command(text, envelope, command))
        throw Violation("a gateway has sent what nobody can read");
      partition.sent.push_back({envelope.identity, envelope.reply_to});
    }
  }
}

void TopicRules::check(const Historian& historian, const event_log::Broker& broker) const {
  Told told;
  for (std::uint16_t i = 0; i < partitions_.size(); ++i) check_marks(historian, {i}, told);
  check_outcomes(told);
  check_replies(historian, broker, told.outcomes);
  check_records(broker, told);
}

/// Commands are decided in the order in which they stand, each once, and their events stand
/// together.
void TopicRules::check_marks(const Historian& historian, schema::Partition partition,
                             Told& told) const {
  std::optional<std::uint64_t> decided;
  schema::Position last{partition, {}};
  for (std::uint64_t n = 1; n <= historian.end(partition).value; ++n) {
    const Recorded& event = historian.at({partition, {n}});
    const auto& offset = event.envelope.command_offset;
    if (std::holds_alternative<schema::CommandsSkipped>(event.event)) {
      check_skip(event, decided, told);
      decided = offset;
      continue;
    }
    const bool has_command =
        schema::command_identity_from_text(event.envelope.causation).has_value();
    demand(has_command == offset.has_value(), event.position(),
           "an event says that it came from a topic, or not, and it is otherwise");
    if (!offset) continue;
    const Sent& sent = check_mark(event);
    const bool goes_on = decided == offset;
    demand(!decided || goes_on || *offset > *decided, event.position(),
           "a command was decided that stands before what had been decided");
    demand(!goes_on || last.sequence.next() == event.position().sequence, event.position(),
           "a record of the topic was decided twice");
    if (goes_on) told.outcomes.erase(last);
    told.outcomes[event.position()] = &sent;
    decided = offset;
    last = event.position();
  }
}

/// Commands are said to have been skipped once, before what stands behind them is decided, and only
/// those that were deleted.
void TopicRules::check_skip(const Recorded& event, std::optional<std::uint64_t> decided,
                            Told& told) const {
  const auto& [source, sent] = partitions_[event.position().partition.value];
  const auto& skipped = std::get<schema::CommandsSkipped>(event.event);
  const auto from = static_cast<std::uint64_t>(skipped.from);
  const auto through = static_cast<std::uint64_t>(skipped.through);
  demand(skipped.log == source->log() && event.envelope.command_log == source->log() &&
             event.envelope.command_offset == through,
         event.position(), "it says two things of how far commands are decided");
  demand(!decided || from > *decided, event.position(),
         "commands were skipped that had been decided, or skipped before");
  demand(from <= through && through < source->bounds({})->first, event.position(),
         "commands were skipped that were not deleted");
  for (std::uint64_t offset = from; offset <= through; ++offset)
    told.skipped.insert(&sent.at(offset));
}

const TopicRules::Sent& TopicRules::check_mark(const Recorded& event) const {
  const auto& [source, sent] = partitions_[event.position().partition.value];
  const std::uint64_t offset = *event.envelope.command_offset;
  demand(event.envelope.command_log == source->log() && offset < sent.size(), event.position(),
         "an event comes from a record that nobody sent");
  demand(schema::to_text(sent[offset].identity) == event.envelope.causation, event.position(),
         "an event comes from another record than it says");
  return sent[offset];
}

void TopicRules::check_outcomes(const Told& told) const {
  std::set<schema::CommandId> decided;
  for (const auto& [position, sent] : told.outcomes) decided.insert(sent->identity.id);
  for (const PartitionOfTopic& partition : partitions_)
    for (const Sent& sent : partition.sent)
      if (!told.skipped.contains(&sent) && !decided.contains(sent.identity.id))
        throw Violation("command " + schema::to_text(sent.identity) + " has no outcome");
}

/// A command that was deleted, and sent again, has an outcome; that it was deleted is to be told
/// all the same.
void TopicRules::check_records(const event_log::Broker& broker, const Told& told) const {
  std::set<std::string_view> replied_to;
  for (std::uint16_t i = 0; i < partitions_.size(); ++i) {
    std::uint64_t from = 0;
    for (const auto* record : broker.read({event_log::kBrokerRepliesLane, {i}}, from,
                                          event_log::Broker::Isolation::read_committed))
      replied_to.insert(record->key);
  }
  for (const PartitionOfTopic& partition : partitions_)
    for (const Sent& sent : partition.sent)
      if (!told.skipped.contains(&sent) && !replied_to.contains(sent.reply_to))
        throw Violation("nobody replied to " + sent.reply_to +
                        ", and nobody says that its command was deleted");
}

void TopicRules::check_replies(const Historian& historian, const event_log::Broker& broker,
                               const Outcomes& outcomes) const {
  std::set<std::pair<std::string_view, schema::CommandId>> asked;
  for (const PartitionOfTopic& partition : partitions_)
    for (const Sent& sent : partition.sent) asked.emplace(sent.reply_to, sent.identity.id);
  schema::Reader reader;
  std::set<schema::Position> told;
  for (std::uint16_t i = 0; i < partitions_.size(); ++i) {
    std::uint64_t from = 0;
    for (const auto* record : broker.read({event_log::kBrokerRepliesLane, {i}}, from,
                                          event_log::Broker::Isolation::read_committed)) {
      const auto reply = processor::read_reply(record->value(), reader);
      if (!reply) throw Violation("a reply cannot be read: " + reply.error());
      const auto* outcome = std::get_if<processor::Outcome>(&*reply);
      if (outcome == nullptr) continue;
      const event_log::CommittedEvent& event = outcome->deciding_event();
      const schema::Position here = event.envelope.position;
      const auto decided = outcomes.find(here);
      demand(decided != outcomes.end(), here, "a reply tells of what never happened");
      demand(historian.at(here).value == event.value, here, "a reply says otherwise than history");
      demand(asked.contains({record->key, decided->second->identity.id}), here,
             "a reply was sent to somebody who asked for something else");
      if (outcome->repeated) continue;
      demand(record->key == decided->second->reply_to, here,
             "a reply was sent to another than who asked first");
      demand(told.insert(here).second, here, "one decision has two replies");
    }
  }
  for (const auto& [position, sent] : outcomes)
    demand(told.contains(position), position, "a decision has no reply");
}

}  // namespace boxoffice::simulation
