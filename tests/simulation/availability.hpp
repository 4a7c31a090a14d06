#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "tests/simulation/historian.hpp"

namespace boxoffice::simulation {

/// A read model as small as can be: availability, counted from what it is handed and, where it
/// missed something, from the log. It adds and subtracts, where the Historian counts anew; both
/// have to come to the same.
class Availability {
 public:
  Availability(std::uint16_t partitions, event_log::Log& log);

  /// Applies what has been followed.
  void apply();
  /// Loses what was handed to it and not applied yet, as in a crash.
  void lose() { followed_.clear(); }
  /// Reads the rest from the log.
  void catch_up();
  /// Throws Violation where the counts at some position are not history's.
  void check(const Historian& historian) const;

 private:
  void read_up_to(schema::Partition partition, schema::Sequence end);
  void take(schema::Position position, const std::string& subject, const schema::Event& event);

  event_log::Log& log_;
  schema::Reader reader_;
  std::deque<std::shared_ptr<const event_log::Batch>> followed_;
  std::map<std::string, Counts> counts_;      // by subject
  std::vector<std::vector<Counts>> history_;  // by partition and sequence
  std::shared_ptr<void> following_;
};

}  // namespace boxoffice::simulation
