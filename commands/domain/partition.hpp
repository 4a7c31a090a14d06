#pragma once

#include <optional>

#include "commands/domain/decision.hpp"

/// Deciding, for all that lives in one partition. Pure: no clock, no randomness, no keys, no I/O;
/// the state is the fold of events alone.
namespace boxoffice::domain {

/// The state of a partition: the occasions and keys that live in it (partition_state.hpp).
class PartitionState;

/// What the command leads to, in order: what it had to settle first, then its one outcome, granted
/// or refused. Never empty. A command decided after its `deadline` is refused as `too_late`.
Decision decide(const PartitionState& state, const SubjectId& subject,
                const schema::Command& command, schema::Instant deadline, schema::Instant now);

/// Has the processor (the machine's) fetch what deciding the command will look at: of the thousands
/// of claims that are decided one after the other, each would wait for memory a dozen times.
void prefetch(const PartitionState& state, const SubjectId& subject,
              const schema::Command& command);

/// Folds one event in. REQUIRES: the event comes after all that were folded in before.
void evolve(PartitionState& state, const SubjectId& subject, const schema::Event& event,
            schema::Sequence sequence, schema::Instant time);

/// When the next timer is due; nullopt where none is armed.
std::optional<schema::Instant> next_due(const PartitionState& state);

/// At most `limit` events for timers that are due at `now`, the earliest first.
Decision settle_due(const PartitionState& state, schema::Instant now, std::size_t limit);

bool is_refusal(const schema::Event& event);
/// Whether it concerns the partition itself, whose number is its subject: it is no command's
/// outcome, and makes no state.
bool is_of_the_partition(const schema::Event& event);
/// Refused only because it came too late: binds no key, so that a retry is decided anew.
bool is_too_late(const schema::Event& event);

/// The command again, from the events it led to (what it settled on its way may be among them). A
/// refused claim's sealed address is not kept: nothing is decided by it.
/// REQUIRES: an outcome is among them.
schema::Command rebuild(const Decision& events);

}  // namespace boxoffice::domain
