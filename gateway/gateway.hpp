#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/processor/submission.hpp"
#include "gateway/http/server.hpp"
#include "gateway/limits/limiter.hpp"
#include "projections/desk/desk.hpp"
#include "sealing/sealing.hpp"

namespace prometheus {
class Collectable;
}

/// HTTP on one side, commands and queries on the other.
namespace boxoffice::gateway {

/// Whether the service can do its work, and if not, why: a sentence each for an operator.
struct Readiness {
  bool ready = true;
  std::vector<std::string> reasons;
};

/// What the gateway calls. All of it is thread-safe and outlives the gateway.
struct Services {
  projections::Desk& desk;                ///< where the read models are asked
  const projections::Accounts& accounts;  ///< who has which key
  const sealing::Vault& vault;
  /// False: the inbox is full, and the submission untouched. Else its `respond` is called once, or
  /// dropped.
  std::function<bool(processor::Submission&&)> submit;
  std::function<Readiness()> readiness;
  std::function<schema::Instant()> clock;
  std::uint16_t partitions = 1;
  /// Shown at /metrics beside the gateway's own.
  std::vector<std::shared_ptr<prometheus::Collectable>> metrics;
};

struct Settings {
  http::ServerSettings http;
  limits::LimitSettings limits;
  /// Of a bootstrap key with the role admin (`Vault::key_hash` of its text).
  std::optional<schema::Digest> admin_key_hash;
  /// Addresses (`192.0.2.7`, `2001:db8::1`) or networks (`10.0.0.0/8`) whose `X-Forwarded-For` is
  /// believed.
  std::vector<std::string> trusted_proxies;
  std::chrono::milliseconds command_deadline{
      10'000};  ///< from receipt: decided later, it is too late
  std::chrono::milliseconds command_wait{
      12'000};                                    ///< how long an answer to a command is waited for
  std::chrono::milliseconds read_wait{3'000};     ///< for `Boxoffice-At-Least`
  std::chrono::milliseconds read_lag_max{2'000};  ///< beyond, who is signed in gets `503`
};

class Gateway {
 public:
  /// Throws std::invalid_argument where a setting is wrong, with its name and what it may be, and
  /// std::runtime_error where the system has no time zone database.
  Gateway(Settings settings, Services services);
  ~Gateway();  ///< stops

  /// Serves from now on. The error says why it cannot listen.
  [[nodiscard]] std::expected<void, std::string> start();
  std::uint16_t port() const;

  /// See `http::Server::use`.
  void use(http::Certificate certificate);

  /// Lets what is under way be answered, within bounds, then ends. The services must still answer
  /// meanwhile.
  void stop();

  /// The document served at /openapi.json.
  const std::string& openapi() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace boxoffice::gateway
