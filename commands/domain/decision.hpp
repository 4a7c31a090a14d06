#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "events-schema/generated.hpp"

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

  bool operator==(const Decided&) const = default;
};
using Decision = std::vector<Decided>;

/// What a decider is told beside the command.
struct Asked {
  SubjectId subject;
  schema::Instant deadline;
  schema::Instant now;

  bool too_late() const { return now > deadline; }
  /// The decision that consists of this one event.
  template <class Event>
  Decision answer(Event&& event) const {
    Decision decision;
    decision.emplace_back(subject, std::forward<Event>(event));
    return decision;
  }
};

/// Several functions as one, for std::visit.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace boxoffice::domain
