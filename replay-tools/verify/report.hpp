#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events-schema/values.hpp"

namespace boxoffice::replay {

/// One place at which history is not as it must be.
struct Violation {
  schema::Position position;
  std::string_view rule;  ///< its name, as docs/replay.md lists them
  std::string sentence;   ///< for a person: what is wrong
};

struct Counts {
  std::uint64_t partitions = 0;  ///< that have events
  std::uint64_t events = 0;
  std::uint64_t commands = 0;  ///< decided, granted or refused
  std::uint64_t refusals = 0;
  std::uint64_t occasions = 0;
  std::uint64_t held = 0;  ///< tickets, at the end of history
  std::uint64_t issued = 0;
  std::uint64_t burned = 0;
};

/// What verifying found. Violations are in the order of partitions and sequences.
struct Report {
  Counts counts;
  std::uint64_t violations_found = 0;
  std::vector<Violation> violations;  ///< the first of them, at most kViolationsKept

  bool is_clean() const { return violations_found == 0; }
  void add(schema::Position position, std::string_view rule, std::string sentence) {
    if (++violations_found <= kViolationsKept)
      violations.push_back({position, rule, std::move(sentence)});
  }

  static constexpr std::size_t kViolationsKept = 1000;
};

/// Names of rules.
namespace rule {
inline constexpr std::string_view kStored = "stored";  ///< the log can read it, and its key
inline constexpr std::string_view kCanonical =
    "canonical";  ///< parsed and written again, the same bytes
inline constexpr std::string_view kSequence = "sequence";  ///< 1, 2, 3 … without a gap
inline constexpr std::string_view kChain = "chain";  ///< `prevhash` is the hash of the event before
inline constexpr std::string_view kTime = "time";    ///< never goes back
inline constexpr std::string_view kPlace =
    "place";  ///< deployment, topic and partition are its own
inline constexpr std::string_view kCause =
    "cause";  ///< a command, or the event that armed the timer
inline constexpr std::string_view kDecidedOnce = "decided_once";
inline constexpr std::string_view kCommands =
    "commands";  ///< decided in their topic's order, each record once
inline constexpr std::string_view kOccasion =
    "occasion";  ///< what an occasion may become out of what it is
inline constexpr std::string_view kOneHolder = "one_holder";         ///< no ticket is held by two
inline constexpr std::string_view kOneLiveClaim = "one_live_claim";  ///< of a person, of an IP
inline constexpr std::string_view kCounts =
    "counts";  ///< free + claimed + issued + burned = capacity, none negative
inline constexpr std::string_view kClaim = "claim";  ///< what a claim may become out of what it is
inline constexpr std::string_view kExpiry =
    "expiry";  ///< not before its time, and as the policy says
inline constexpr std::string_view kRefusal = "refusal";  ///< its reason was true
inline constexpr std::string_view kKey = "key";  ///< what an API key may become out of what it is
}  // namespace rule

}  // namespace boxoffice::replay
