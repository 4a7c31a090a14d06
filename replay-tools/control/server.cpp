#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "replay-tools/control/control.hpp"
#include "replay-tools/control/long_request.hpp"
#include "replay-tools/control/messages.hpp"
#include "replay-tools/control/socket.hpp"

namespace boxoffice::control {
namespace {

using Clock = std::chrono::steady_clock;

/// A client has this long to send its request, and to take its answer.
constexpr std::chrono::seconds kPatience{10};

struct Connection {
  Descriptor socket;
  std::string text;  ///< of the request, as far as it has come
  Clock::time_point until;
};

using Answer = std::expected<std::string, std::string>;

void answer(const Descriptor& to, const Answer& with) {
  const std::string line = answer_line(with) + '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t sent = ::send(to.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;  // the client has gone, or takes nothing: it sees a broken connection
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

class Server::Loop {
 public:
  Loop(const std::filesystem::path& directory, Handlers handlers, LongHandlers long_handlers)
      : path_(directory / kSocketName),
        handlers_(std::move(handlers)),
        long_handlers_(std::move(long_handlers)) {}

  ~Loop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
    ::unlink(path_.c_str());
  }

  /// False: `errno` says why.
  bool start() {
    const SocketAddress address(path_.parent_path());
    wake_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
    listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!address.directory || !wake_ || !listener_) return false;
    ::unlink(path_.c_str());
    // Before it has a name: there is no moment at which another could connect.
    if (::fchmod(listener_.get(), 0600) != 0 ||
        ::bind(listener_.get(), address.get(), sizeof address.name) != 0 ||
        ::listen(listener_.get(), static_cast<int>(kConnectionsMax)) != 0)
      return false;
    thread_ = std::thread([this] { run(); });
    return true;
  }

 private:
  void run() {
    pthread_setname_np(pthread_self(), "control");
    while (!stopping_) {
      wait();
      if (stopping_) return;
      // The poll's order is that of the connections; new ones come behind.
      std::erase_if(connections_, [](Connection& connection) { return !connection.socket; });
    }
  }

  void wait() {
    std::vector<pollfd> sockets;
    sockets.push_back({.fd = wake_.get(), .events = POLLIN, .revents = 0});
    const bool full = connections_.size() >= kConnectionsMax;
    sockets.push_back(
        {.fd = listener_.get(), .events = static_cast<short>(full ? 0 : POLLIN), .revents = 0});
    for (const Connection& connection : connections_)
      sockets.push_back({.fd = connection.socket.get(), .events = POLLIN, .revents = 0});

    if (::poll(sockets.data(), sockets.size(), milliseconds_left()) < 0 && errno != EINTR) return;
    const Clock::time_point now = Clock::now();
    const std::size_t waiting = connections_.size();
    for (std::size_t i = 0; i < waiting && !stopping_; ++i) {
      Connection& connection = connections_[i];
      const bool done = sockets[i + 2].revents != 0 ? read(connection) : connection.until <= now;
      if (done) connection.socket = Descriptor();
    }
    if (sockets[1].revents != 0) accept();
  }

  /// Until the first connection is given up; -1: no limit.
  int milliseconds_left() const {
    if (connections_.empty()) return -1;
    Clock::time_point first = connections_.front().until;
    for (const Connection& connection : connections_) first = std::min(first, connection.until);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
  }

  void accept() {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    connections_.push_back({std::move(socket), {}, Clock::now() + kPatience});
  }

  /// True: nothing more is to be done with it.
  bool read(Connection& connection) {
    std::array<char, 16 * 1024> part;
    const ssize_t got = ::recv(connection.socket.get(), part.data(), part.size(), MSG_DONTWAIT);
    if (got < 0) return errno != EAGAIN && errno != EINTR;
    if (got == 0) return true;
    connection.text.append(part.data(), static_cast<std::size_t>(got));

    const std::size_t end = connection.text.find('\n');
    if (end != std::string::npos) {
      handle(connection.socket, std::string_view(connection.text).substr(0, end));
      return true;
    }
    if (connection.text.size() <= kRequestBytesMax) return false;
    answer(connection.socket, std::unexpected("a request has at most 65536 bytes"));
    return true;
  }

  void handle(Descriptor& client, std::string_view line) {
    if (line.size() > kRequestBytesMax)
      return answer(client, std::unexpected("a request has at most 65536 bytes"));
    const std::expected<Request, std::string> request = parse_request(line);
    if (!request) return answer(client, std::unexpected(request.error()));
    if (const auto found = handlers_.find(request->what); found != handlers_.end())
      return answer(client, found->second(request->with));
    if (const auto found = long_handlers_.find(request->what); found != long_handlers_.end())
      return begin(found->second, *request, client);
    answer(client, std::unexpected("there is no request named " + request->what));
  }

  /// Its thread takes the connection over.
  void begin(const LongHandler& handler, const Request& request, Descriptor& client) {
    if (const std::string_view other = long_request_.under_way(); !other.empty())
      return answer(client, std::unexpected("busy: a " + std::string(other) +
                                            " is under way; try again when it is done"));
    auto answered = std::make_shared<Answer>();
    long_request_.begin(
        request.what,
        [answered, &handler, with = request.with](std::stop_token stop) {
          *answered = handler(with, std::move(stop));
        },
        [answered, client = std::move(client)] { answer(client, *answered); });
  }

  const std::filesystem::path path_;
  const Handlers handlers_;
  const LongHandlers long_handlers_;
  Descriptor wake_;
  Descriptor listener_;
  std::vector<Connection> connections_;  // of the thread alone
  std::atomic<bool> stopping_ = false;
  LongRequest long_request_;  // of the thread alone
  std::thread thread_;
};

Server::Server(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Server::~Server() = default;

std::expected<std::unique_ptr<Server>, std::string> Server::start(
    const std::filesystem::path& directory, Handlers handlers, LongHandlers long_handlers) {
  auto loop = std::make_unique<Loop>(directory, std::move(handlers), std::move(long_handlers));
  if (!loop->start())
    return std::unexpected((directory / kSocketName).string() +
                           " cannot be made: " + std::generic_category().message(errno));
  return std::unique_ptr<Server>(new Server(std::move(loop)));
}

}  // namespace boxoffice::control
