#pragma once

#include <optional>
#include <vector>

#include "commands/domain/key.hpp"
#include "commands/domain/occasion.hpp"
#include "events-schema/codec.hpp"

/// Deciding, for all that lives in one partition. Pure: no clock, no randomness, no keys, no I/O;
/// the state is the fold of events alone.
namespace boxoffice::domain {

/// What a command is about: the id of an occasion or of a key, as the partition's key.
using SubjectId = schema::Id<struct SubjectTag>;

/// An event that was decided but has no place in the order yet.
struct Decided {
  SubjectId subject;
  schema::Event event;
  /// Where a timer did it (also one that a command settled on its way): the event that armed the
  /// timer. It becomes the event's causation.
  std::optional<schema::Sequence> armed_by;
};
using Decision = std::vector<Decided>;

/// The state of a partition: the occasions and keys that live in it.
class PartitionState;

/// What the command leads to, in order: what it had to settle first, then its one outcome, granted
/// or refused. Never empty. A command decided after its `deadline` is refused as `too_late`.
Decision decide(const PartitionState& state, const SubjectId& subject,
                const schema::Command& command, schema::Instant deadline, schema::Instant now);

/// Folds one event in. REQUIRES: the event comes after all that were folded in before.
void evolve(PartitionState& state, const SubjectId& subject, const schema::Event& event,
            schema::Sequence sequence, schema::Instant time);

/// When the next timer is due; nullopt where none is armed.
std::optional<schema::Instant> next_due(const PartitionState& state);

/// At most `limit` events for timers that are due at `now`, the earliest first.
Decision settle_due(const PartitionState& state, schema::Instant now, std::size_t limit);

bool is_refusal(const schema::Event& event);
/// Refused only because it came too late: binds no key, so that a retry is decided anew.
bool is_too_late(const schema::Event& event);

/// The command again, from the events it led to (what it settled on its way may be among them). A
/// refused claim's sealed address is not kept: nothing is decided by it.
schema::Command rebuild(const Decision& events);

}  // namespace boxoffice::domain
