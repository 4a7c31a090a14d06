#include "tests/simulation/cluster/cluster_simulation.hpp"

#include <deque>

#include "commands/processor/snapshot_topic.hpp"
#include "tests/processor/vocabulary.hpp"
#include "tests/simulation/cluster/clock_rules.hpp"
#include "tests/simulation/cluster/gateways.hpp"
#include "tests/simulation/cluster/host.hpp"
#include "tests/simulation/cluster/topic_rules.hpp"
#include "tests/simulation/witness.hpp"

namespace boxoffice::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kPeaceTicksMax = 2000;

class ClusterWorld {
 public:
  ClusterWorld(std::uint64_t seed, Planted planted)
      : plan_(cluster_plan_of(seed)),
        random_(seed ^ 0x5eed),
        cluster_(plan_, planted, random_),
        witness_(plan_.plan,
                 event_log::open_on_broker(cluster_.broker, {}, {.follows_others = true}), cluster_,
                 planted, random_),
        gateways_(cluster_),
        topic_rules_(cluster_.commands, plan_.plan.partitions),
        clock_rules_(plan_.plan.partitions) {
    cluster_.now = vocabulary::noon();
    for (std::size_t i = 0; i < plan_.hosts; ++i) hosts_.emplace_back(cluster_);
  }

  void live() {
    witness_.clients().set_up();
    std::uint64_t& ticks = witness_.report.ticks;
    for (; ticks < plan_.plan.ticks; ++ticks) {
      trouble();
      tick();
    }
    bring_peace();
    while (const auto what = is_busy_with()) {
      if (++ticks > plan_.plan.ticks + kPeaceTicksMax)
        throw Violation("there is peace, and no rest: " + *what);
      start_all();
      tick();
    }
    cluster_.tick();  // what is committed can be read
    witness_.read();
    check_all();
  }

  Witness& witness() { return witness_; }
  /// To its processes and brokers.
  const Happenings& happened() const { return cluster_.happened; }

 private:
  void tick() {
    cluster_.now += schema::Milliseconds(random_.between(0, plan_.plan.tick_ms_max));
    witness_.clients().tick(cluster_.now, [this](processor::Submission&& submission) {
      return gateways_.deliver(std::move(submission));
    });
    topic_rules_.read_commands();
    for (Host& host : hosts_) witness_.report.crashes += host.live();
    cluster_.tick();
    gateways_.tick();
    witness_.look();
    if (plan_.clocks_are_judged) clock_rules_.look(witness_.historian(), cluster_.now);
  }

  void trouble() {
    Host& chosen = random_.one_of(hosts_);
    if (!chosen.is_running() && random_.chance(plan_.start)) chosen.start();
    if (chosen.is_running() && !chosen.is_stopped() && random_.chance(plan_.stop)) chosen.stop();
    if (chosen.is_stopped() && random_.chance(plan_.wake)) chosen.wake();
    if (chosen.is_running() && random_.chance(plan_.terminate)) chosen.terminate();
    if (chosen.is_running() && random_.chance(plan_.plan.crash / 4)) {
      chosen.crash();  // also one that is stopped
      ++witness_.report.crashes;
    }
    if (random_.chance(plan_.expel)) cluster_.group.expel_one(random_.next());
    if (random_.chance(plan_.plan.clock_jumps))
      chosen.set_clock(schema::Milliseconds(some_offset()));
    if (random_.chance(plan_.retention)) forget_commands();
  }

  /// Of all sizes, for most are either far off or hardly.
  std::int64_t some_offset() {
    return random_.chance(500) ? random_.between(-3'600'000, 600'000)
                               : random_.between(-8'000, 8'000);
  }

  void forget_commands() {
    const schema::Partition partition{
        static_cast<std::uint16_t>(random_.below(plan_.plan.partitions))};
    const auto bounds = cluster_.commands.source(partition)->bounds({});
    cluster_.commands.forget_before(partition,
                                    bounds->first + random_.below(bounds->end - bounds->first + 1));
  }

  void bring_peace() {
    cluster_.is_calm = true;
    witness_.calm();
    for (Host& host : hosts_) host.wake();
    if (plan_.clocks_are_judged)  // else nobody need decide
      for (Host& host : hosts_) host.set_clock({});
  }

  void start_all() {
    for (Host& host : hosts_)
      if (!host.is_running()) host.start();
  }

  /// Each partition has come to somebody, and all commands to their outcome; else what is missing.
  std::optional<std::string> is_busy_with() {
    for (std::uint16_t i = 0; i < plan_.plan.partitions; ++i) {
      const std::string where = "partition " + std::to_string(i);
      std::size_t owners = 0;
      for (const Host& host : hosts_) {
        const Held* held = host.held({i});
        if (held == nullptr) continue;
        ++owners;
        if (const auto what = held->is_busy_with()) return where + ": " + *what;
      }
      if (owners != 1) return where + " has " + std::to_string(owners) + " owners";
    }
    if (!witness_.clients().all_answered()) return "somebody waits for an answer";
    return std::nullopt;
  }

  void check_all() {
    witness_.check_answers();
    topic_rules_.check(witness_.historian(), *cluster_.broker);
    std::vector<processor::SnapshotStore*> snapshots;
    for (Host& host : hosts_) snapshots.push_back(&host.snapshots());
    processor::SnapshotTopic travelled(cluster_.snapshots, [](const std::string&) {});
    snapshots.push_back(&travelled);
    witness_.check_snapshots(snapshots, cluster_.now);
    check_long_after();
    check_nothing_was_taken_back();
    witness_.conclude();
  }

  /// Much later all that was held has expired, and every count is right.
  void check_long_after() {
    cluster_.now += 48h;
    for (Host& host : hosts_) host.live();
    cluster_.tick();
    witness_.read();
    witness_.audience().check_over_a_stop();
  }

  /// Who comes now is shown what those were shown who have been there from the start.
  void check_nothing_was_taken_back() {
    const auto fresh = event_log::open_on_broker(cluster_.broker);
    for (std::uint16_t i = 0; i < plan_.plan.partitions; ++i) {
      if (fresh->end({i}) != witness_.historian().end({i}))
        throw Violation("what was shown of partition " + std::to_string(i) + " was taken back");
      for (schema::Position at{{i}, {1}}; at.sequence <= witness_.historian().end({i});
           at.sequence = at.sequence.next())
        demand(fresh->at(at) == witness_.historian().at(at).value, at,
               "what was shown was taken back");
    }
  }

  const ClusterPlan plan_;
  Random random_;
  Cluster cluster_;
  Witness witness_;
  Gateways gateways_;
  TopicRules topic_rules_;
  ClockRules clock_rules_;
  std::deque<Host> hosts_;
};

}  // namespace

Report simulate_cluster(std::uint64_t seed, Planted planted) {
  ClusterWorld world(seed, planted);
  Report report = report_of(world, seed);
  for (const auto& [what, times] : world.happened()) report.happened[what] += times;
  return report;
}

}  // namespace boxoffice::simulation
