#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/http/certificate.hpp"
#include "gateway/http/reply.hpp"

namespace boxoffice::gateway::http {

struct ServerSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                       ///< 0 takes a free one
  std::optional<Certificate> certificate = {};  ///< nullopt: HTTP in clear
  unsigned threads = 1;
  std::size_t connections_max = 20'000;
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  /// From a request's first byte to its last; for shaking hands, too.
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds write_timeout{10'000};   ///< without any progress
  std::chrono::milliseconds answer_timeout{15'000};  ///< for a Reply that nobody bounds or answers
  std::chrono::milliseconds drain_timeout{10'000};   ///< between the stages of stopping
};

/// What became of one request.
struct Answered {
  std::size_t route = 0;  ///< as labelled; kNoRoute where no route was found
  int status = 0;
  std::chrono::nanoseconds took{};
};
inline constexpr std::size_t kNoRoute = static_cast<std::size_t>(-1);

/// Called on an io thread for each request, one after another on one connection. Must not block.
/// What it throws becomes a `500`.
using Handler = std::function<void(const Request&, Reply)>;

/// An HTTP/1.1 server: one io_context and thread each, one acceptor that hands connections out in
/// turn.
///
/// A connection without a request under way holds no buffer. Pipelined requests are answered in
/// order. Malformed ones get a problem document and the connection is closed.
class Server {
 public:
  /// `answered` is called on io threads.
  Server(ServerSettings settings, Handler handler, std::function<void(const Answered&)> answered);
  ~Server();  ///< stops

  /// Listens and starts the threads. The error names the address and the reason.
  [[nodiscard]] std::expected<void, std::string> start();
  std::uint16_t port() const;

  std::size_t connections() const;
  std::uint64_t connections_refused() const;

  /// Connections that begin from now on get this certificate. REQUIRES: the settings have one.
  void use(Certificate certificate);

  /// First stops accepting, closes what is idle and lets requests under way be answered with
  /// `Connection: close`; after `drain_timeout` closes the rest. Returns when all threads have
  /// ended. May be called more than once.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace boxoffice::gateway::http
