#include "tests/simulation/cluster/gateways.hpp"

namespace boxoffice::simulation {

using event_log::Broker;
using event_log::kBrokerRepliesLane;

Gateways::Gateways(Cluster& cluster) : cluster_(cluster), gateways_(cluster.plan.gateways) {
  for (Gateway& gateway : gateways_) start(gateway);
}

void Gateways::start(Gateway& gateway) {
  gateway.commands = std::make_unique<post::PostedCommands>(
      post::PostedCommands::Settings{.gateway = "gateway" + std::to_string(++started_),
                                     .deployment = "memory000000",
                                     .partitions = cluster_.plan.plan.partitions,
                                     .now = [this] { return cluster_.steady_now(); }},
      cluster_.commands);
  // What is replied to it stands behind what is there.
  gateway.heard.clear();
  for (std::uint16_t i = 0; i < cluster_.plan.plan.partitions; ++i)
    gateway.heard.push_back(cluster_.broker->end_of({kBrokerRepliesLane, {i}}));
}

bool Gateways::deliver(processor::Submission&& submission) {
  if (cluster_.random.chance(20)) reached_ = cluster_.random.below(gateways_.size());
  return gateways_[reached_].commands->submit(std::move(submission));
}

void Gateways::tick() {
  for (Gateway& gateway : gateways_) {
    if (cluster_.happens(cluster_.plan.restart_gateway)) start(gateway);
    hear_replies(gateway);
  }
}

void Gateways::hear_replies(Gateway& gateway) {
  const auto isolation = cluster_.planted == Planted::open_replies_heard
                             ? Broker::Isolation::read_uncommitted
                             : Broker::Isolation::read_committed;
  for (std::uint16_t i = 0; i < gateway.heard.size(); ++i)
    for (const auto* reply :
         cluster_.broker->read({kBrokerRepliesLane, {i}}, gateway.heard[i], isolation))
      if (!cluster_.happens(cluster_.plan.lose_reply))
        gateway.commands->replied(reply->key, reply->value());
}

}  // namespace boxoffice::simulation
