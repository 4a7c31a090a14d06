#pragma once

#include <memory>
#include <vector>

#include "commands/post/posted_commands.hpp"
#include "tests/simulation/cluster/cluster.hpp"

namespace boxoffice::simulation {

/// The processes that send commands and hear replies. They keep nothing: one that is started anew
/// does not know who waits.
class Gateways {
 public:
  explicit Gateways(Cluster& cluster);

  /// Clients reach the gateway that they reached last, most of the time. False: not taken in.
  bool deliver(processor::Submission&& submission);
  /// One tick: replies are heard, or lost; a gateway may be started anew.
  void tick();

 private:
  struct Gateway {
    std::unique_ptr<post::PostedCommands> commands;
    std::vector<std::uint64_t> heard;  ///< replies, by partition
  };

  void start(Gateway& gateway);
  void hear_replies(Gateway& gateway);

  Cluster& cluster_;
  std::size_t started_ = 0;
  std::vector<Gateway> gateways_;
  std::size_t reached_ = 0;
};

}  // namespace boxoffice::simulation
