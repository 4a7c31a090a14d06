#pragma once

#include <cstdint>

#include "commands/processor/settings.hpp"
#include "events-schema/values.hpp"
#include "projections/runner/runner.hpp"

namespace boxoffice::simulation {

/// What one run is made of; all of it follows from the seed. Chances are in thousandths.
struct Plan {
  std::uint64_t seed = 0;

  std::uint16_t partitions = 1;
  std::uint64_t occasions = 1;
  std::uint64_t people = 1;
  std::uint64_t addresses = 1;  ///< that people come from
  std::int64_t capacity = 1;
  std::uint64_t pools = 1;
  schema::Milliseconds ttl{};
  bool burn = false;
  bool one_per_email = true;
  bool one_per_ip = false;

  std::uint64_t ticks = 0;
  std::int64_t tick_ms_max = 0;
  std::uint64_t delay_ticks_max = 0;
  std::uint64_t patience_ticks = 0;  ///< after which an unanswered command is sent again
  schema::Milliseconds deadline{};

  unsigned ask = 0;         ///< a client asks for something new
  unsigned organize = 0;    ///< it is something that an organizer does
  unsigned use_keys = 0;    ///< it is something about a key
  unsigned cancel = 0;      ///< what an organizer does is to cancel
  unsigned look_first = 0;  ///< an organizer acts on the state that was seen (If-Match)
  unsigned repeat = 0;      ///< an answered command is sent once more
  unsigned impostor = 0;    ///< a key is used for another request
  unsigned doubled = 0;     ///< a command arrives twice
  unsigned lost = 0;        ///< a command or an answer does not arrive

  unsigned refuse = 0;  ///< an append is refused
  unsigned doubt = 0;   ///< an append's outcome remains open
  unsigned hide = 0;    ///< what was appended is seen only later
  unsigned crash = 0;   ///< at an append, a read, a snapshot, or between steps
  unsigned read_fails = 0;
  unsigned take_over_fails = 0;
  unsigned snapshot_fails = 0;
  unsigned clock_jumps = 0;
  unsigned usurp = 0;  ///< the other machine takes over while this one goes on

  unsigned project = 0;    ///< the projector makes a step
  unsigned read_back = 0;  ///< a client reads what it was answered, with `Boxoffice-At-Least`
  unsigned flush = 0;      ///< rows are flushed after a commit
  unsigned store_fails = 0;
  unsigned rebuild = 0;  ///< a read model is made again beside the live one, and swapped in

  processor::Settings settings;
  projections::Runner::Settings runner;
};

Plan plan_of(std::uint64_t seed);

}  // namespace boxoffice::simulation
