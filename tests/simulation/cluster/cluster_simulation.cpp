#include "tests/simulation/cluster/cluster_simulation.hpp"

#include <algorithm>
#include <cstring>
#include <deque>

#include "commands/domain/snapshot.hpp"
#include "commands/processor/memory_keys.hpp"
#include "commands/processor/recovery.hpp"
#include "sealing/sealing.hpp"
#include "tests/processor/vocabulary.hpp"
#include "tests/simulation/audience.hpp"
#include "tests/simulation/clients.hpp"
#include "tests/simulation/cluster/gateways.hpp"
#include "tests/simulation/cluster/host.hpp"
#include "tests/simulation/cluster/topic_rules.hpp"
#include "tests/simulation/violation.hpp"

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
        outside_(event_log::open_on_broker(cluster_.broker, {}, {.follows_others = true})),
        historian_(plan_.plan.partitions, plan_.plan.settings.key_window),
        audience_(plan_.plan, historian_, cluster_, planted),
        ledger_(plan_.plan.settings.key_window),
        clients_(plan_.plan, random_, ledger_, audience_.readers()),
        gateways_(cluster_),
        topic_rules_(cluster_.commands, plan_.plan.partitions) {
    cluster_.now = vocabulary::noon();
    for (std::size_t i = 0; i < plan_.hosts; ++i)
      hosts_.emplace_back(
          cluster_, plan_.snapshots_travel ? &travelling_ : nullptr,
          [this](schema::Partition partition, std::uint64_t from, std::uint64_t to) {
            topic_rules_.pass_over(partition, from, to);
          });
  }

  void live() {
    clients_.set_up();
    for (report.ticks = 0; report.ticks < plan_.plan.ticks; ++report.ticks) {
      trouble();
      tick();
    }
    bring_peace();
    while (const auto what = is_busy_with()) {
      if (++report.ticks > plan_.plan.ticks + kPeaceTicksMax)
        throw Violation("there is peace, and no rest: " + *what);
      start_all();
      tick();
    }
    cluster_.tick();  // what is committed can be read
    historian_.read(*outside_);
    check_all();
  }

  void tell_what_happened() {
    report.happened = audience_.happened();
    report.comparisons = audience_.comparisons();
    for (const auto& [what, times] : cluster_.happened) report.happened[what] += times;
    for (std::uint16_t i = 0; i < plan_.plan.partitions; ++i)
      for (std::uint64_t n = 1; n <= historian_.end({i}).value; ++n)
        ++report.happened[words_for(historian_.at({{i}, {n}}).event)];
  }

  Report report;

 private:
  void tick() {
    cluster_.now += schema::Milliseconds(random_.between(0, plan_.plan.tick_ms_max));
    clients_.tick(cluster_.now, [this](processor::Submission&& submission) {
      return gateways_.deliver(std::move(submission));
    });
    topic_rules_.read_commands();
    for (Host& host : hosts_) report.crashes += host.live();
    cluster_.tick();
    gateways_.tick();
    historian_.read(*outside_);
    report.crashes += audience_.look();
  }

  void trouble() {
    Host& chosen = random_.one_of(hosts_);
    if (!chosen.is_running() && random_.chance(plan_.start)) chosen.start();
    if (chosen.is_running() && !chosen.is_stopped() && random_.chance(plan_.stop)) chosen.stop();
    if (chosen.is_stopped() && random_.chance(plan_.wake)) chosen.wake();
    if (chosen.is_running() && random_.chance(plan_.terminate)) chosen.terminate();
    if (chosen.is_running() && random_.chance(plan_.plan.crash / 4)) {
      chosen.crash();  // also one that is stopped
      ++report.crashes;
    }
    if (random_.chance(plan_.expel)) cluster_.group.expel_one(random_.next());
    if (random_.chance(plan_.plan.clock_jumps))
      chosen.set_clock(schema::Milliseconds(random_.between(-3'600'000, 600'000)));
    if (random_.chance(plan_.retention)) forget_commands();
  }

  void forget_commands() {
    const schema::Partition partition{
        static_cast<std::uint16_t>(random_.below(plan_.plan.partitions))};
    const auto bounds = cluster_.commands.source(partition)->bounds();
    cluster_.commands.forget_before(partition,
                                    bounds->first + random_.below(bounds->end - bounds->first + 1));
  }

  void bring_peace() {
    cluster_.is_calm = true;
    clients_.calm();
    audience_.calm();
    for (Host& host : hosts_) host.wake();
  }

  void start_all() {
    for (Host& host : hosts_)
      if (!host.is_running()) host.start();
  }

  /// Each partition has come to somebody, and all commands to their outcome; else what is missing.
  std::optional<std::string> is_busy_with() const {
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
    if (!clients_.all_answered()) return "somebody waits for an answer";
    return std::nullopt;
  }

  void check_all() {
    ledger_.check(historian_);
    topic_rules_.check(historian_, *cluster_.broker);
    audience_.check_all();
    check_snapshots();
    check_long_after();
    check_nothing_was_taken_back();
    report.commands = clients_.requests();
    report.events = historian_.events();
    report.fingerprint = fingerprint();
  }

  /// A state made from anybody's snapshot and what follows is the state made from all of the log,
  /// byte for byte.
  void check_snapshots() {
    processor::MemorySnapshots none;
    for (std::uint16_t i = 0; i < plan_.plan.partitions; ++i) {
      const std::string from_log = recovered({i}, none);
      for (Host& host : hosts_)
        if (recovered({i}, host.snapshots()) != from_log)
          throw Violation("a snapshot of partition " + std::to_string(i) + " differs from the log");
    }
  }

  std::string recovered(schema::Partition partition, processor::SnapshotStore& snapshots) {
    processor::MemoryKeys keys({.generation_slots = 64});
    const auto owned = processor::recover(*outside_, partition, keys, snapshots,
                                          plan_.plan.settings, cluster_.now);
    if (!owned) throw Violation(owned.error().message);
    std::string bytes;
    domain::write(domain::freeze(*owned->state), [&](std::string_view chunk) {
      bytes.append(chunk);
      return true;
    });
    return bytes;
  }

  /// Much later all that was held has expired, and every count is right.
  void check_long_after() {
    cluster_.now += 48h;
    for (Host& host : hosts_) host.live();
    cluster_.tick();
    historian_.read(*outside_);
    audience_.check_over_a_stop();
  }

  /// Who comes now is shown what those were shown who have been there from the start.
  void check_nothing_was_taken_back() {
    const auto fresh = event_log::open_on_broker(cluster_.broker);
    for (std::uint16_t i = 0; i < plan_.plan.partitions; ++i) {
      if (fresh->end({i}) != historian_.end({i}))
        throw Violation("what was shown of partition " + std::to_string(i) + " was taken back");
      for (schema::Position at{{i}, {1}}; at.sequence <= historian_.end({i});
           at.sequence = at.sequence.next())
        demand(fresh->at(at) == historian_.at(at).value, at, "what was shown was taken back");
    }
  }

  std::uint64_t fingerprint() {
    std::string ends;
    for (std::uint16_t i = 0; i < plan_.plan.partitions; ++i)
      if (historian_.end({i}) != schema::Sequence{})
        ends += historian_.at({{i}, historian_.end({i})}).value;
    std::uint64_t print;
    std::memcpy(&print, sealing::sha256(ends).bytes.data(), sizeof print);
    return print ^ audience_.rows();
  }

  const ClusterPlan plan_;
  Random random_;
  Cluster cluster_;
  std::unique_ptr<event_log::Log> outside_;
  Historian historian_;
  Audience audience_;
  Ledger ledger_;
  Clients clients_;
  Gateways gateways_;
  TopicRules topic_rules_;
  processor::MemorySnapshots travelling_;
  std::deque<Host> hosts_;
};

}  // namespace

Report simulate_cluster(std::uint64_t seed, Planted planted) {
  ClusterWorld world(seed, planted);
  world.report.seed = seed;
  try {
    world.live();
  } catch (const Violation& violation) {
    world.report.violation = violation.what();
  }
  world.tell_what_happened();
  return world.report;
}

}  // namespace boxoffice::simulation
