#pragma once

#include <map>
#include <string>
#include <vector>

#include "commands/processor/submission.hpp"
#include "tests/simulation/historian.hpp"

namespace boxoffice::simulation {

/// What the clients know: what they asked and when, what they were answered and when. It holds the
/// product to its answers.
///
/// The log's order is the order in which things are said to have happened. The Historian checks
/// that it is a possible one; the ledger, that it is the clients': whatever was answered before
/// another was asked for stands before it (so the history is linearizable).
class Ledger {
 public:
  /// The order of asking and being answered over all clients.
  using Moment = std::uint64_t;

  /// Answers are bound to their keys for `key_window`.
  explicit Ledger(schema::Milliseconds key_window = std::chrono::hours(24))
      : key_window_(key_window) {}

  Moment now() { return ++moment_; }

  /// Notes an answer to a command first sent at `asked`. Throws Violation where it contradicts an
  /// earlier one.
  void answered(const schema::CommandIdentity& identity, Moment asked,
                const processor::Outcome& outcome);

  /// All that was answered stands in history, in an order that the clients have seen.
  void check(const Historian& historian) const;

 private:
  struct Entry {
    schema::CommandIdentity identity;
    Moment asked = 0;
    Moment answered = 0;
    schema::Position first;
    schema::Instant decided{};
    std::vector<std::string> values;
  };

  void check_order() const;
  void check_against(const Entry& known, const Entry& entry) const;

  const schema::Milliseconds key_window_;
  Moment moment_ = 0;
  std::multimap<schema::CommandId, Entry> entries_;
};

}  // namespace boxoffice::simulation
