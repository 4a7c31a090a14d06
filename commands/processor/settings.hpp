#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "commands/processor/recall_allowance.hpp"

namespace boxoffice::processor {

struct Settings {
  std::size_t inbox_submissions_max = 8192;
  std::size_t batch_commands_max = 4096;
  std::size_t batch_bytes_max =
      8u << 20;  ///< of event values; the command that reaches it is the last
  /// In one step, over all partitions: while nobody waits for an answer, and while somebody does.
  std::size_t timer_events_max = 256;
  std::size_t timer_events_beside_commands_max = 64;

  /// How long a key is bound to its first request.
  std::chrono::milliseconds key_window = std::chrono::hours(24);

  /// What reading the outcomes of commands decided earlier may take of a deciding thread's time;
  /// repeats beyond it are answered `Unavailable`.
  RecallAllowance::Bounds recalls{.one_in = 3,
                                  .saved_max = std::chrono::seconds(1),
                                  .alone_max = std::chrono::seconds(1),
                                  .free = std::chrono::microseconds(50)};
  /// After so long without a command that was new, nobody is kept waiting by that.
  std::chrono::milliseconds alone_after = std::chrono::seconds(1);
  /// So long after a command's deadline nobody waits for its outcome any more, and it is not read:
  /// repeats lead to no event, so after a take-over many may come again from their topic.
  std::chrono::milliseconds recalls_late_max = std::chrono::seconds(10);

  /// A partition is snapshotted after so many events, or when it has changed and so much time has
  /// passed.
  std::uint64_t snapshot_events = 200'000;
  std::chrono::milliseconds snapshot_interval = std::chrono::seconds(60);
  /// Who leaves writes one where there is more than an event behind the last for so many live
  /// claims: reading an event takes as long as writing some of these.
  std::size_t claims_worth_an_event = 16;

  /// Between attempts to take over; doubled after each that fails.
  std::chrono::milliseconds take_over_wait_min{50};
  std::chrono::milliseconds take_over_wait_max{5000};
  /// Who submits waits for an attempt to take over that is under way. Where the partitions have
  /// been away for so long, nobody waits any more.
  std::chrono::milliseconds away_max = std::chrono::hours(24 * 365);
};

}  // namespace boxoffice::processor
