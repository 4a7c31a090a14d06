#pragma once

#include <memory>
#include <vector>

#include "commands/processor/submission.hpp"
#include "projections/queries.hpp"

namespace boxoffice::simulation {

/// Those who read back what they were answered, with `Boxoffice-At-Least`. Told that the models
/// have come that far, they look for what they know; told that they have not, they ask again.
class Readers {
 public:
  /// Somebody wants to see what came of a command.
  void want(const processor::Outcome& outcome);
  /// Those who were not told yet ask the models, which must be there when they answer. REQUIRES:
  /// whoever asked models that are gone was told so.
  void ask(const projections::Queries& models);

  bool all_have_read() const;

 private:
  struct Reading {
    schema::Position position;
    std::string subject;
    schema::Event event;
    enum class State { thinking, waiting, satisfied } state = State::thinking;
  };
  static void look(const Reading& reading, const projections::Queries& models);

  std::vector<std::shared_ptr<Reading>> readings_;
};

}  // namespace boxoffice::simulation
