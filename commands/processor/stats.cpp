#include "commands/processor/stats.hpp"

#include <algorithm>
#include <functional>

namespace boxoffice::processor {

Powers PowersKeeper::get() const {
  Powers powers;
  std::ranges::transform(counts_, powers.counts.begin(), &Count::get);
  powers.sum = sum_.get();
  return powers;
}

namespace {

Powers operator+(Powers one, const Powers& other) {
  std::ranges::transform(one.counts, other.counts, one.counts.begin(), std::plus());
  one.sum += other.sum;
  return one;
}

StageTimes operator+(const StageTimes& one, const StageTimes& other) {
  return {one.sampled + other.sampled, one.decide_ns + other.decide_ns,
          one.write_ns + other.write_ns, one.hash_ns + other.hash_ns,
          one.append_ns + other.append_ns};
}

}  // namespace

Stats operator+(Stats one, const Stats& other) {
  one.commands_decided += other.commands_decided;
  one.commands_repeated += other.commands_repeated;
  one.commands_too_large += other.commands_too_large;
  one.commands_unavailable += other.commands_unavailable;
  one.commands_skipped += other.commands_skipped;
  one.repeats_put_off += other.repeats_put_off;
  one.keys_reused += other.keys_reused;
  one.events += other.events;
  one.timer_events += other.timer_events;
  one.batches += other.batches;
  one.appends_failed += other.appends_failed;
  one.appends_fenced += other.appends_fenced;
  one.take_overs += other.take_overs;
  one.recovery_events_read += other.recovery_events_read;
  one.recovery_keys_gathered += other.recovery_keys_gathered;
  one.snapshots += other.snapshots;
  one.snapshots_failed += other.snapshots_failed;
  one.clock_behind_ms = std::max(one.clock_behind_ms, other.clock_behind_ms);
  one.inbox_depth += other.inbox_depth;
  one.keys_in_memory += other.keys_in_memory;
  one.stages = one.stages + other.stages;
  one.batch_events = one.batch_events + other.batch_events;
  one.append_us = one.append_us + other.append_us;
  one.cycle_us = one.cycle_us + other.cycle_us;
  one.waited_ms = one.waited_ms + other.waited_ms;
  one.recovery_ms = one.recovery_ms + other.recovery_ms;
  for (const auto& [name, count] : other.refusals) one.refusals[name] += count;
  return one;
}

void StatsKeeper::refused(std::string_view name) {
  const auto known = std::ranges::find(refused_, name, &decltype(refused_)::value_type::first);
  if (known != refused_.end())
    ++known->second;
  else
    refused_.emplace_back(name, 1);
}

void StatsKeeper::publish_refusals() {
  if (refused_.empty()) return;
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, count] : refused_) refusals_[std::string(name)] += count;
  refused_.clear();
}

Stats StatsKeeper::read() const {
  Stats stats;
  stats.commands_decided = commands_decided.get();
  stats.commands_repeated = commands_repeated.get();
  stats.commands_too_large = commands_too_large.get();
  stats.commands_unavailable =
      commands_unavailable.get() + refused_at_once.load(std::memory_order_relaxed);
  stats.commands_skipped = commands_skipped.get();
  stats.repeats_put_off = repeats_put_off.get();
  stats.keys_reused = keys_reused.get();
  stats.events = events.get();
  stats.timer_events = timer_events.get();
  stats.batches = batches.get();
  stats.appends_failed = appends_failed.get();
  stats.appends_fenced = appends_fenced.get();
  stats.take_overs = take_overs.get();
  stats.recovery_events_read = recovery_events_read.get();
  stats.recovery_keys_gathered = recovery_keys_gathered.get();
  stats.snapshots = snapshots.load(std::memory_order_relaxed);
  stats.snapshots_failed = snapshots_failed.load(std::memory_order_relaxed);
  stats.clock_behind_ms = clock_behind_ms.get();
  stats.keys_in_memory = keys_in_memory.get();
  stats.stages = {sampled.get(), decide_ns.get(), write_ns.get(), hash_ns.get(), append_ns.get()};
  stats.batch_events = batch_events.get();
  stats.append_us = append_us.get();
  stats.cycle_us = cycle_us.get();
  stats.waited_ms = waited_ms.get();
  stats.recovery_ms = recovery_ms.get();
  const std::scoped_lock lock(mutex_);
  stats.refusals = refusals_;
  return stats;
}

}  // namespace boxoffice::processor
