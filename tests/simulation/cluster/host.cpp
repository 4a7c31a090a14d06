#include "tests/simulation/cluster/host.hpp"

#include "tests/simulation/cluster/clock_rules.hpp"

namespace boxoffice::simulation {

Host::Host(Cluster& cluster) : cluster_(cluster) {}

Host::~Host() { crash(); }

void Host::start() {
  is_running_ = true;
  member_ = cluster_.group.join();
}

void Host::crash() {
  held_.clear();
  member_.reset();
  is_running_ = is_stopped_ = is_ending_ = false;
}

void Host::stop() {
  ++cluster_.happened["a process was stopped"];
  is_stopped_ = true;
}

bool Host::live() {
  if (!is_running_ || is_stopped_) return false;
  try {
    if (cluster_.is_calm || cluster_.random.chance(cluster_.plan.look_at_group)) look_at_group();
    for (const auto& [partition, held] : held_)
      if (!is_stopped_) held->live();
    if (cluster_.happens(cluster_.plan.plan.crash / 8)) throw event_log::Crash{};
  } catch (const event_log::Crash&) {
    crash();
    return true;
  }
  return false;
}

std::optional<std::string> Host::clock_trouble(schema::Instant clock) const {
  const bool is_judged =
      cluster_.plan.clocks_are_judged && cluster_.planted != Planted::wrong_clock_followed;
  if (!is_judged || std::chrono::abs(clock - cluster_.now) <= kClockOffMax) return std::nullopt;
  return "the clock is off";
}

/// Once it has handed over what it had; until then it belongs to it.
void Host::leave_group() {
  give_up_all();
  if (!held_.empty() || !member_) return;
  cluster_.group.leave(*member_);
  member_.reset();
}

void Host::look_at_group() {
  forget_given_up();
  if (is_ending_) {
    leave_group();
    if (member_) return;
    ++cluster_.happened["a process handed over what it had"];
    return crash();
  }
  if (clock_trouble(cluster_.now + clock_offset_)) {
    if (member_) ++cluster_.happened["a process left its group for its clock"];
    return leave_group();
  }
  if (!member_) member_ = cluster_.group.join();
  Group::Partitions has;
  for (const auto& [partition, held] : held_) has.insert(partition);
  if (const auto share = cluster_.group.hear(*member_, has)) return follow(*share);
  ++cluster_.happened["a process learnt that the group had given it up"];
  give_up_all();
  if (held_.empty()) member_ = cluster_.group.join();
}

void Host::follow(const Group::Partitions& share) {
  for (const auto& [partition, held] : held_)
    if (!share.contains(partition)) held->give_up();
  for (const schema::Partition partition : share)
    if (!held_.contains(partition)) held_.emplace(partition, made(partition));
}

void Host::give_up_all() {
  for (const auto& [partition, held] : held_) held->give_up();
}

void Host::forget_given_up() {
  std::erase_if(held_, [](const auto& entry) { return entry.second->is_given_up(); });
}

std::unique_ptr<Held> Host::made(schema::Partition partition) {
  return std::make_unique<Held>(
      Held::Process{.cluster = cluster_,
                    .snapshots = snapshots_,
                    .member = [this] { return *member_; },
                    .clock = [this] { return cluster_.now + clock_offset_; },
                    .clock_trouble = [this](auto clock) { return clock_trouble(clock); },
                    .stop = [this] { stop(); }},
      partition, key_disks_[partition]);
}

const Held* Host::held(schema::Partition partition) const {
  const auto found = held_.find(partition);
  return found == held_.end() ? nullptr : found->second.get();
}

}  // namespace boxoffice::simulation
