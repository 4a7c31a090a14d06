#pragma once

#include <functional>
#include <memory>
#include <string>

#include "event-log/log.hpp"

/// A log in memory, for tests and the deterministic simulator: nothing in it depends on time,
/// threads or addresses.
///
/// What is stored lives in a `MemoryStore`, as a disk or a cluster outlives its clients. A restart
/// is: drop the `Log` and all that came from it, open the store again. Several logs may be open on
/// one store, as several processes on one cluster: their followers and cursors see each other's
/// appends, and their take-overs fence each other's writers.
namespace boxoffice::event_log {

class MemoryStore;

[[nodiscard]] std::shared_ptr<MemoryStore> make_memory_store(
    std::uint16_t partitions = 16, std::string deployment = "memory000000");

/// What becomes of one append.
enum class AppendFate {
  committed,  ///< durable, visible, followers called, success
  refused,    ///< `unavailable`; of the batch nothing is stored, the writer remains good
  in_doubt,   ///< `unavailable`, as when Kafka's commit times out: stored, invisible, and undecided
             ///< until a take-over of one of its partitions (see `Faults::settle`); further appends
             ///< of this writer are `fenced`
  hidden,        ///< success, followers called; but `end`, `at`, `key` and cursors show it and what
                 ///< follows it in its partitions only after `reveal` or a take-over
  crash_before,  ///< throws `Crash`; nothing is stored
  crash_after,   ///< throws `Crash`; durable and visible, but followers were not called and nobody
                 ///< was told
};

/// Thrown where a process would have died. Nothing of the crashed process may be used after it:
/// drop it, and open the store again.
struct Crash {};

/// The plan of what goes wrong: each is asked when its time has come, on the calling thread. An
/// empty one means that all goes well.
struct Faults {
  std::function<AppendFate(const Batch&)> append;
  /// Whether a transaction in doubt turns out committed. Then followers are called within the
  /// take-over that asked.
  std::function<bool(const Batch&)> settle;
  /// True: this call is `unavailable`, and changed nothing.
  std::function<bool()> take_over_fails;
  std::function<bool()> read_fails;  ///< of `Cursor::read`, `at` and `key`
};

/// Thread-safe as `Log` says, and deterministic when used by one thread.
[[nodiscard]] std::unique_ptr<Log> open_memory(std::shared_ptr<MemoryStore> store,
                                               Faults faults = {});

/// Shows to cursors, `end`, `at` and `key` what was hidden. Calls no follower.
void reveal(MemoryStore& store);

}  // namespace boxoffice::event_log
