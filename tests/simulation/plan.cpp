#include "tests/simulation/plan.hpp"

#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

using namespace std::chrono_literals;

Plan plan_of(std::uint64_t seed) {
  Random random(seed);
  // Some faults are absent from a run: what many of them hide, a few of them show.
  const auto rare = [&](unsigned permille_max) -> unsigned {
    return random.chance(500) ? static_cast<unsigned>(random.below(permille_max + 1)) : 0;
  };
  Plan plan;
  plan.seed = seed;
  plan.partitions = static_cast<std::uint16_t>(random.between(1, 3));
  plan.occasions = random.below(3) + 1;
  plan.people = random.below(8) + 2;
  plan.addresses = random.below(8) + 1;
  plan.pools = random.below(3) + 1;
  plan.capacity = random.between(1, 4);
  plan.ttl = schema::Milliseconds(random.between(50, 4000));
  plan.burn = random.chance(300);
  plan.one_per_email = random.chance(800);
  plan.one_per_ip = random.chance(300);

  plan.ticks = random.below(200) + 100;
  plan.tick_ms_max = random.between(1, 100);
  plan.delay_ticks_max = random.below(12);
  plan.patience_ticks = random.below(15) + 2;
  plan.deadline = schema::Milliseconds(random.between(100, 10'000));

  plan.ask = static_cast<unsigned>(random.below(900) + 100);
  plan.organize = rare(200);
  plan.use_keys = rare(200);
  plan.cancel = rare(100);
  plan.look_first = rare(1000);
  plan.repeat = rare(200);
  plan.impostor = rare(60);
  plan.doubled = rare(300);
  plan.lost = rare(200);

  plan.refuse = rare(100);
  plan.doubt = rare(100);
  plan.hide = rare(100);
  plan.crash = rare(60);
  plan.read_fails = rare(60);
  plan.take_over_fails = rare(300);
  plan.snapshot_fails = rare(300);
  plan.clock_jumps = rare(30);
  plan.usurp = rare(30);

  plan.project = static_cast<unsigned>(random.below(950) + 50);
  plan.read_back = rare(300);
  plan.flush = rare(300);
  plan.store_fails = rare(100);
  plan.rebuild = rare(20);

  plan.settings = {.inbox_submissions_max = random.chance(300) ? random.below(5) + 1 : 1000,
                   .batch_commands_max = random.below(20) + 1,
                   .batch_bytes_max = random.chance(300) ? 2000u : 8u << 20,
                   .timer_events_max = random.below(5) + 1,
                   .key_window = random.chance(200)
                                     ? schema::Milliseconds(random.between(500, 5000))
                                     : schema::Milliseconds(24h),
                   .snapshot_events = random.below(30) + 1,
                   .snapshot_interval = schema::Milliseconds(random.between(100, 10'000)),
                   .take_over_wait_min = 5ms,
                   .take_over_wait_max = 200ms};
  plan.runner = {.inbox_events_max = random.chance(300) ? random.below(20) + 1 : 1000,
                 .chunk_events_max = random.chance(500) ? random.below(10) + 1 : 1000};
  return plan;
}

}  // namespace boxoffice::simulation
