#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

/// How tools talk to the process that holds a data directory: over the Unix socket
/// DIR/control.sock, which its owner alone may open. One request and one answer a connection, each
/// a line of JSON:
///
///     {"do":"checkpoint","with":{}}
///     {"ok":{"directory":"…"}}   or   {"error":{"name":"refused","message":"…"}}
namespace boxoffice::control {

inline constexpr std::string_view kSocketName = "control.sock";
inline constexpr std::size_t kRequestBytesMax = 64 * 1024;
inline constexpr std::size_t kConnectionsMax = 32;

enum class ErrorKind : std::uint8_t {
  nobody,   ///< no process holds the directory, or it takes no requests
  refused,  ///< the holder says no; the message is its reason
  broken,   ///< the connection failed, or no answer came in time: nobody knows whether it was done
};

struct Error {
  ErrorKind kind;
  std::string message;  ///< for an operator
};

/// Does what is asked: takes the request's `with` (a JSON object), returns JSON or the reason why
/// not. Is called on the server's thread, one at a time; meanwhile other requests wait.
using Handler = std::function<std::expected<std::string, std::string>(std::string_view with)>;
using Handlers = std::map<std::string, Handler, std::less<>>;

/// A handler that may take minutes: is called on a thread beside the server's, one at a time;
/// another long request is refused meanwhile. Returns soon after it was asked to stop.
using LongHandler = std::function<std::expected<std::string, std::string>(std::string_view with,
                                                                          std::stop_token stop)>;
using LongHandlers = std::map<std::string, LongHandler, std::less<>>;

/// Takes requests until it is destroyed, which waits for one under way, asks a long one to stop,
/// and removes the socket.
class Server {
 public:
  /// REQUIRES: the caller holds the directory's lock: a socket that lies there is a dead process's
  /// and is replaced.
  [[nodiscard]] static std::expected<std::unique_ptr<Server>, std::string> start(
      const std::filesystem::path& directory, Handlers handlers, LongHandlers long_handlers = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  class Loop;
  explicit Server(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

/// Asks the holder of `directory` and waits for its answer. `with` is a JSON object.
[[nodiscard]] std::expected<std::string, Error> request(
    const std::filesystem::path& directory, std::string_view what, std::string_view with = "{}",
    std::chrono::milliseconds patience = std::chrono::minutes(10));

}  // namespace boxoffice::control
