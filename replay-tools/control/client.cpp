#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "replay-tools/control/control.hpp"
#include "replay-tools/control/messages.hpp"
#include "replay-tools/control/socket.hpp"

namespace boxoffice::control {
namespace {

using Clock = std::chrono::steady_clock;

std::unexpected<Error> failed(ErrorKind kind, const std::filesystem::path& directory,
                              std::string_view what) {
  return std::unexpected(
      Error{kind, (directory / kSocketName).string() + ": " + std::string(what)});
}

std::string reason() { return std::generic_category().message(errno); }

/// Whether `events` came before `until`.
bool awaited(int socket, short events, Clock::time_point until) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd wait{.fd = socket, .events = events, .revents = 0};
    const int ready = ::poll(&wait, 1, left > 0 ? static_cast<int>(left) : 0);
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool sent(int socket, std::string_view text, Clock::time_point until) {
  while (!text.empty()) {
    if (!awaited(socket, POLLOUT, until)) return false;
    const ssize_t written = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::expected<std::string, Error> request(const std::filesystem::path& directory,
                                          std::string_view what, std::string_view with,
                                          std::chrono::milliseconds patience) {
  const Clock::time_point until = Clock::now() + patience;
  const SocketAddress address(directory);
  if (!address.directory) return failed(ErrorKind::nobody, directory, reason());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed(ErrorKind::broken, directory, reason());
  if (::connect(socket.get(), address.get(), sizeof address.name) != 0) {
    const bool dead = errno == ENOENT || errno == ECONNREFUSED;
    return failed(dead ? ErrorKind::nobody : ErrorKind::broken, directory, reason());
  }

  // One that refuses before it has read all closes: its answer is read nevertheless.
  const bool whole = sent(socket.get(), request_line(what, with) + '\n', until);
  std::string answer;
  while (awaited(socket.get(), POLLIN, until)) {
    std::array<char, 16 * 1024> part;
    const ssize_t got = ::recv(socket.get(), part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(got));
    if (answer.back() == '\n') return parse_answer(answer);
  }
  if (!whole) return failed(ErrorKind::broken, directory, "the request could not be sent");
  return failed(ErrorKind::broken, directory,
                Clock::now() < until ? "the holder ended without an answer" : "no answer in time");
}

}  // namespace boxoffice::control
