#pragma once

#include "tests/simulation/plan.hpp"

namespace boxoffice::simulation {

/// What one run of a cluster is made of, beside what clients ask and a disk does. All of it follows
/// from the seed. Chances are in thousandths.
struct ClusterPlan {
  Plan plan;

  std::size_t gateways = 1;
  std::size_t hosts = 2;
  bool state_travels = false;  ///< snapshots and keys, on topics beside the log; else each host
                               ///< has disks of its own for them
  std::uint64_t session_ticks = 0;
  bool clocks_are_judged = false;  ///< by the brokers'; else whatever a clock says is its time

  unsigned look_at_group = 0;  ///< a process hears of its group, and is heard of, at a tick
  unsigned expel = 0;          ///< the group gives up a member that lives
  unsigned linger = 0;         ///< a thread is left in the midst of a call …
  unsigned go_on = 0;          ///< … and goes on, at a tick
  unsigned stop = 0;           ///< a process is stopped (SIGSTOP) …
  unsigned wake = 0;           ///< … and woken, at a tick
  unsigned start = 0;          ///< a process that ended is started again
  unsigned terminate = 0;      ///< a process is asked to end (SIGTERM)

  unsigned lose_request = 0;
  unsigned lose_answer = 0;
  unsigned delay_request = 0;
  unsigned arrive = 0;  ///< one that was delayed, at a tick or while another is on its way
  unsigned delay_marker = 0;
  unsigned write_marker = 0;  ///< one that was delayed, at a tick
  unsigned time_out = 0;      ///< the brokers abort a transaction that is open

  unsigned lose_command = 0;
  unsigned double_command = 0;
  unsigned lose_acknowledgement = 0;
  unsigned lose_reply = 0;
  unsigned retention = 0;  ///< commands are not kept any more, decided or not
  unsigned restart_gateway = 0;

  unsigned leave_side = 0;   ///< the topics of what travels are away …
  unsigned return_side = 0;  ///< … and there again, at a tick
  unsigned fail_side = 0;    ///< a request to them fails
  unsigned hold_up = 0;      ///< a record stays on its way to them
  unsigned lose_record = 0;
  unsigned damage_record = 0;
};

ClusterPlan cluster_plan_of(std::uint64_t seed);

}  // namespace boxoffice::simulation
