#include "tests/simulation/cluster/host.hpp"

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

void Host::look_at_group() {
  forget_given_up();
  if (is_ending_) {
    give_up_all();
    if (!held_.empty()) return;
    cluster_.group.leave(*member_);
    ++cluster_.happened["a process handed over what it had"];
    return crash();
  }
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
                    .stop = [this] { stop(); }},
      partition, key_disks_[partition]);
}

const Held* Host::held(schema::Partition partition) const {
  const auto found = held_.find(partition);
  return found == held_.end() ? nullptr : found->second.get();
}

}  // namespace boxoffice::simulation
