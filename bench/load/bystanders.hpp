#pragma once

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "bench/load/socket.hpp"

namespace boxoffice::bench {

struct BystanderSettings {
  Target target;
  std::size_t idle = 0;  ///< connections that asked for `/healthz` once and then keep still
  std::size_t slow = 0;  ///< connections that send a claim's body at one byte each `slow_every`
  std::chrono::milliseconds slow_every{100};
};

/// Connections that cost a server something without being served much, held on a thread of their
/// own until destroyed.
class Bystanders {
 public:
  /// Returns when all of them are connected.
  explicit Bystanders(const BystanderSettings& settings);

  /// Connections that the server has closed: slow ones are replaced, idle ones are not.
  std::size_t slow_closed() const { return slow_closed_; }
  std::size_t idle_closed() const;

 private:
  void trickle(const std::stop_token& stop);

  BystanderSettings settings_;
  std::vector<Socket> idle_;
  std::vector<Socket> slow_;
  std::atomic<std::size_t> slow_closed_ = 0;
  std::jthread thread_;
};

}  // namespace boxoffice::bench
