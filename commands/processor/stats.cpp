#include "commands/processor/stats.hpp"

#include <algorithm>

namespace boxoffice::processor {

Powers PowersKeeper::get() const {
  Powers powers;
  std::ranges::transform(counts_, powers.counts.begin(), &Count::get);
  powers.sum = sum_.get();
  return powers;
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
  stats.commands_unavailable = commands_unavailable.get();
  stats.keys_reused = keys_reused.get();
  stats.events = events.get();
  stats.timer_events = timer_events.get();
  stats.batches = batches.get();
  stats.appends_failed = appends_failed.get();
  stats.take_overs = take_overs.get();
  stats.snapshots = snapshots.load(std::memory_order_relaxed);
  stats.snapshots_failed = snapshots_failed.load(std::memory_order_relaxed);
  stats.clock_behind_ms = clock_behind_ms.get();
  stats.keys_in_memory = keys_in_memory.get();
  stats.stages = {sampled.get(), decide_ns.get(), write_ns.get(), hash_ns.get(), append_ns.get()};
  stats.batch_events = batch_events.get();
  stats.append_us = append_us.get();
  const std::scoped_lock lock(mutex_);
  stats.refusals = refusals_;
  return stats;
}

}  // namespace boxoffice::processor
