#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "tests/temporary_directory.hpp"

namespace boxoffice::testing {

/// A real Kafka cluster of the test's own, on free ports of the loopback, with its data in a
/// temporary directory. Ends with the test's process, however that ends.
class Broker {
 public:
  explicit Broker(int nodes = 1);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  const std::string& bootstrap_servers() const { return bootstrap_servers_; }

  /// Kills a node, as by `kill -9`. Nodes are numbered from 1.
  void kill(int node = 1);
  /// Starts the nodes that do not run; returns when they listen.
  void start();

  /// The one that the tests of this program share; started when first asked for.
  static Broker& shared();

 private:
  const TemporaryDirectory directory_;
  pid_t attached_ = -1;
  int keeps_running_ = -1;  // closing it ends the cluster
  std::string bootstrap_servers_;
};

}  // namespace boxoffice::testing
