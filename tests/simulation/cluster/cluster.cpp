#include "tests/simulation/cluster/cluster.hpp"

namespace boxoffice::simulation {

using event_log::Delivery;
using event_log::Request;

namespace {

constexpr char kCommandLog[] = "cluster/boxoffice.commands";

}  // namespace

Cluster::Cluster(const ClusterPlan& plan, Planted planted, Random& random)
    : plan(plan),
      planted(planted),
      random(random),
      broker(std::make_shared<event_log::Broker>(
          plan.plan.partitions, [this] { return happens(this->plan.delay_marker); })),
      commands(
          plan.plan.partitions, kCommandLog,
          {.loses_acknowledgement = [this] { return happens(this->plan.lose_acknowledgement); },
           .loses_record = [this] { return happens(this->plan.lose_command); },
           .doubles_record = [this] { return happens(this->plan.double_command); }}),
      snapshots(plan.plan.partitions),
      decided(plan.plan.partitions),
      group(plan.plan.partitions, plan.session_ticks) {}

Delivery Cluster::fate_of(Request request) {
  if (happens(plan.arrive)) something_arrives();
  if (request == Request::read)
    return happens(plan.plan.read_fails) ? Delivery::is_lost : Delivery::arrives;
  // Of those there are many, and each that fails ends the transaction.
  if (request == Request::produce)
    return happens(plan.lose_request / 4) ? Delivery::is_lost : Delivery::arrives;
  if (happens(plan.lose_request)) return Delivery::is_lost;
  if (happens(plan.lose_answer)) return Delivery::answer_is_lost;
  if (happens(plan.delay_request)) return Delivery::is_late;
  return Delivery::arrives;
}

void Cluster::tick() {
  group.tick();
  if (happens(plan.time_out) && broker->time_out_a_transaction(random.next()))
    ++happened["a transaction timed out"];
  if (plan.state_travels && happens(plan.leave_side)) {
    side_is_away = true;
    ++happened["what travels was away"];
  }
  if (is_calm || random.chance(plan.return_side)) side_is_away = false;
  while (something_arrives() && is_calm) {
  }
}

bool Cluster::something_arrives() {
  const bool is_written =
      (is_calm || random.chance(plan.write_marker)) && broker->write_a_marker(random.next());
  const bool is_late =
      (is_calm || random.chance(plan.arrive)) && broker->deliver_a_late_request(random.next());
  if (is_late) ++happened["a request arrived late"];
  return is_written || is_late;
}

std::unique_ptr<event_log::Log> Cluster::open(std::function<bool()> read_fails) {
  event_log::Conduct conduct{.follows_others = true};
  if (planted == Planted::open_transactions_read)
    conduct.isolation = event_log::Broker::Isolation::read_uncommitted;
  return event_log::open_on_broker(
      broker,
      [read_fails = std::move(read_fails)](Request, schema::Partition) {
        return read_fails() ? Delivery::is_lost : Delivery::arrives;
      },
      std::move(conduct));
}

schema::Sequence Cluster::end(schema::Partition partition) const {
  return event_log::open_on_broker(broker)->end(partition);
}

}  // namespace boxoffice::simulation
