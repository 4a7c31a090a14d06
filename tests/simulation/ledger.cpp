#include "tests/simulation/ledger.hpp"

#include <algorithm>

#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

void Ledger::answered(const schema::CommandIdentity& identity, Moment asked,
                      const processor::Outcome& outcome) {
  const auto& events = outcome.batch->events;
  Entry entry{.identity = identity, .asked = asked, .answered = now()};
  entry.first = events[outcome.first].envelope.position;
  entry.decided = events[outcome.first].envelope.time;
  for (std::size_t i = 0; i < outcome.count; ++i) {
    if (events[outcome.first + i].envelope.causation != schema::to_text(identity))
      throw Violation("a command was answered with another's events");
    entry.values.push_back(events[outcome.first + i].value);
  }
  if (domain::is_too_late(outcome.deciding_event().event)) return;

  const auto [begin, end] = entries_.equal_range(identity.id);
  for (auto known = begin; known != end; ++known) {
    if (known->second.first == entry.first) return check_against(known->second, entry);
    if (std::chrono::abs(known->second.decided - entry.decided) < key_window_)
      throw Violation("a repeat was answered otherwise than at " +
                      schema::to_text(known->second.first));
  }
  entries_.emplace(identity.id, std::move(entry));
}

void Ledger::check_against(const Entry& known, const Entry& entry) const {
  if (known.identity != entry.identity)
    throw Violation("one key was granted to two requests, one of them at " +
                    schema::to_text(known.first));
  if (known.values != entry.values)
    throw Violation("a repeat was answered otherwise than at " + schema::to_text(known.first));
}

void Ledger::check(const Historian& historian) const {
  for (const auto& [id, entry] : entries_) {
    schema::Position at = entry.first;
    for (const std::string& value : entry.values) {
      if (at.sequence > historian.end(at.partition))
        throw Violation("an answered command is lost: " + schema::to_text(entry.first) +
                        ", where the log ends before");
      if (historian.at(at).value != value)
        throw Violation("an answered command is lost: " + schema::to_text(entry.first) +
                        ", where something else stands");
      at.sequence = at.sequence.next();
    }
  }
  check_order();
}

void Ledger::check_order() const {
  // In each partition: by the time of asking, no entry may stand before one that had been answered
  // by then.
  std::vector<const Entry*> asked;
  for (const auto& [id, entry] : entries_) asked.push_back(&entry);
  std::vector<const Entry*> answered = asked;
  std::ranges::sort(asked, {}, &Entry::asked);
  std::ranges::sort(answered, {}, &Entry::answered);

  std::map<schema::Partition, schema::Sequence> seen;
  auto next = answered.begin();
  for (const Entry* entry : asked) {
    for (; next != answered.end() && (*next)->answered < entry->asked; ++next) {
      schema::Sequence& last = seen[(*next)->first.partition];
      last = std::max(last, (*next)->first.sequence);
    }
    if (entry->first.sequence <= seen[entry->first.partition])
      throw Violation("the command at " + schema::to_text(entry->first) +
                      " stands before one that was answered before it was sent");
  }
}

}  // namespace boxoffice::simulation
