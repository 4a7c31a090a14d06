#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::processor {

/// Where the time of a command goes, in nanoseconds. `sampled` commands were measured; the append
/// is measured for each batch.
struct StageTimes {
  std::uint64_t sampled = 0;
  std::uint64_t decide_ns = 0;  ///< looking for the key, deciding, folding in
  std::uint64_t write_ns = 0;
  std::uint64_t hash_ns = 0;
  std::uint64_t append_ns = 0;
};

/// How values are spread: how often one lay in [2^i, 2^(i+1)), the first also counting 0, the last
/// also all beyond; and their sum.
struct Powers {
  std::array<std::uint64_t, 32> counts{};
  std::uint64_t sum = 0;
};

/// Counted since the processor was made.
struct Stats {
  std::uint64_t commands_decided = 0;
  std::uint64_t commands_repeated = 0;
  std::uint64_t commands_too_large = 0;
  std::uint64_t commands_unavailable = 0;
  std::uint64_t commands_skipped = 0;  ///< deleted undecided, at most
  std::uint64_t repeats_put_off = 0;   ///< of those unavailable: beyond the time for reading
  std::uint64_t keys_reused = 0;
  std::uint64_t events = 0;
  std::uint64_t timer_events = 0;
  std::uint64_t batches = 0;
  std::uint64_t appends_failed = 0;
  std::uint64_t appends_fenced = 0;  ///< of these, because another owner had taken over
  std::uint64_t take_overs = 0;
  std::uint64_t recovery_events_read = 0;
  std::uint64_t recovery_keys_gathered = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t snapshots_failed = 0;
  /// How far the given time was behind the clock's earlier ones and the partitions' own, at last.
  std::uint64_t clock_behind_ms = 0;
  std::uint64_t inbox_depth = 0;
  std::uint64_t keys_in_memory = 0;
  StageTimes stages;
  Powers batch_events;
  Powers append_us;
  Powers cycle_us;     ///< batches with commands, between being taken and answered
  Powers waited_ms;    ///< commands, between receipt and being decided
  Powers recovery_ms;  ///< take-overs, between the fence and deciding
  std::map<std::string, std::uint64_t, std::less<>> refusals;  ///< by name
};

/// Of several processors together: sums, but of clocks the one that is furthest behind.
Stats operator+(Stats one, const Stats& other);

/// A number that one thread adds to and any reads.
class Count {
 public:
  void add(std::uint64_t by = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class PowersKeeper {
 public:
  void add(std::uint64_t value) {
    const auto power = value == 0 ? 0 : static_cast<std::size_t>(std::bit_width(value)) - 1;
    counts_[power < counts_.size() ? power : counts_.size() - 1].add();
    sum_.add(value);
  }
  Powers get() const;

 private:
  std::array<Count, std::tuple_size_v<decltype(Powers::counts)>> counts_;
  Count sum_;
};

/// Keeps the numbers: the owner's thread counts, any thread reads.
class StatsKeeper {
 public:
  Count commands_decided, commands_repeated, commands_too_large, commands_unavailable, keys_reused;
  Count commands_skipped, repeats_put_off;
  Count events, timer_events, batches, appends_failed, appends_fenced, take_overs;
  Count recovery_events_read, recovery_keys_gathered;
  Count clock_behind_ms, keys_in_memory;
  Count sampled, decide_ns, write_ns, hash_ns, append_ns;
  PowersKeeper batch_events, append_us, cycle_us, waited_ms, recovery_ms;
  std::atomic<std::uint64_t> snapshots{0}, snapshots_failed{0};  // counted in the background
  std::atomic<std::uint64_t> refused_at_once{0};                 // counted by who submits

  /// `name` must live for ever. Counted apart until `publish_refusals`, so that a batch takes the
  /// lock once.
  void refused(std::string_view name);
  void publish_refusals();

  Stats read() const;

 private:
  std::vector<std::pair<std::string_view, std::uint64_t>> refused_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> refusals_;  // guarded by mutex_
};

}  // namespace boxoffice::processor
