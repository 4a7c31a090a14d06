#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "projections/transport/messages.hpp"

namespace boxoffice::projections::transport {

struct QueryServerSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0 takes a free one
  std::string deployment;  ///< whose read models these are
  std::size_t connections_max = 256;
  std::size_t under_way_max = 4'096;  ///< questions of one connection
  std::size_t unsent_bytes_max = 2 * kResponseBytesMax;
  std::chrono::milliseconds silence_max{10'000};  ///< gateways ping far more often
  std::chrono::milliseconds write_timeout{10'000};
};

/// Answers at a desk what gateways ask over sockets. One thread sees to all sockets, and answers by
/// itself only what is looked up in memory; the desk's threads answer the rest.
///
/// Whoever speaks wrongly is told the name of the error (`LinkError`) and cut off; so is who takes
/// no answers, or is silent for long.
class QueryServer {
 public:
  /// `desk` must outlive it. `health` is called on the sockets' thread, and must not block.
  QueryServer(QueryServerSettings settings, Desk& desk, std::function<Health()> health);
  ~QueryServer();  ///< stops

  /// The error says why it cannot listen.
  [[nodiscard]] std::expected<void, std::string> start();
  std::uint16_t port() const;
  std::size_t connections() const;
  /// Ends all connections; what is still asked is not answered.
  void stop();

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace boxoffice::projections::transport
