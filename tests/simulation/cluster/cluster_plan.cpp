#include "tests/simulation/cluster/cluster_plan.hpp"

#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

ClusterPlan cluster_plan_of(std::uint64_t seed) {
  Random random(seed ^ 0xc105);
  const auto rare = [&](unsigned permille_max) -> unsigned {
    return random.chance(500) ? static_cast<unsigned>(random.below(permille_max + 1)) : 0;
  };
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return static_cast<unsigned>(random.between(low, high));
  };
  ClusterPlan plan{.plan = plan_of(seed)};
  // Answers take longer than in one process.
  plan.plan.patience_ticks = random.below(40) + 5;
  plan.gateways = random.below(2) + 1;
  plan.hosts = random.below(2) + 2;
  plan.state_travels = random.chance(500);
  plan.session_ticks = random.below(25) + 3;

  plan.look_at_group = between(100, 1000);
  plan.expel = rare(20);
  plan.linger = rare(40);
  plan.go_on = between(50, 500);
  plan.stop = rare(20);
  plan.wake = between(20, 300);
  plan.start = between(50, 500);
  plan.terminate = rare(10);

  plan.lose_request = rare(40);
  plan.lose_answer = rare(40);
  plan.delay_request = rare(200);
  plan.arrive = between(20, 200);
  plan.delay_marker = rare(800);
  plan.write_marker = between(100, 1000);
  plan.time_out = rare(20);

  plan.lose_command = rare(50);
  plan.double_command = rare(100);
  plan.lose_acknowledgement = rare(50);
  plan.lose_reply = rare(100);
  plan.retention = rare(10);
  plan.restart_gateway = rare(10);

  plan.leave_side = rare(10);
  plan.return_side = between(10, 200);
  plan.fail_side = rare(20);
  plan.hold_up = rare(500);
  plan.lose_record = rare(20);
  plan.damage_record = rare(10);

  plan.clocks_are_judged = random.chance(500);
  return plan;
}

}  // namespace boxoffice::simulation
