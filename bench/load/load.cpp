#include "bench/load/load.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace boxoffice::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kGrace = std::chrono::seconds(5);
/// Open loop: it sleeps no shorter than this, else each request would cost two wake-ups of its own.
constexpr auto kTick = std::chrono::nanoseconds(100'000);
constexpr std::size_t kEventsMax = 256;
constexpr std::size_t kReadBytes = 256 * 1024;

struct Connection {
  Socket socket;
  bool busy = false;
  std::uint64_t number = 0;
  Clock::time_point due;
  std::string unsent;    ///< what the kernel did not take yet; empty but for big bodies
  std::string received;  ///< the beginning of an answer that came in pieces
};

class Load {
 public:
  Load(const LoadSettings& settings, Requests& requests,
       const std::function<void(std::uint64_t, const Response&)>& answered)
      : settings_(settings),
        requests_(requests),
        answered_(answered),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        connections_(settings.connections),
        read_buffer_(kReadBytes) {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    for (Connection& connection : connections_) connect(connection);
  }
  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;

  LoadResult run() {
    begin_ = Clock::now();
    measure_from_ = begin_ + std::chrono::duration_cast<Clock::duration>(settings_.warmup);
    end_ = measure_from_ + std::chrono::duration_cast<Clock::duration>(settings_.measured);

    for (Connection& connection : connections_) idle_.push_back(&connection);
    while (step()) {
    }
    result_.elapsed = std::min(Clock::now(), end_) - measure_from_;
    result_.unanswered = busy_;
    return std::move(result_);
  }

 private:
  void connect(Connection& connection) {
    connection.socket = Socket(settings_.target);
    connection.unsent.clear();
    connection.received.clear();
    watch(connection, EPOLL_CTL_ADD, EPOLLIN);
  }

  void watch(Connection& connection, int operation, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.ptr = &connection}};
    if (::epoll_ctl(epoll_, operation, connection.socket.fd(), &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }

  bool step() {
    const auto now = Clock::now();
    if (may_send(now)) {
      send_what_is_due(now);
    } else if (busy_ == 0 || now > end_ + kGrace) {
      return false;
    }
    wait(now);
    return true;
  }

  bool may_send(Clock::time_point now) const {
    return now < end_ && (!settings_.requests_max || result_.sent < *settings_.requests_max);
  }

  Clock::time_point due_time(std::uint64_t index) const {
    const std::chrono::duration<double> offset(static_cast<double>(index) / *settings_.rate);
    return begin_ + std::chrono::duration_cast<Clock::duration>(offset);
  }

  void send_what_is_due(Clock::time_point now) {
    while (!idle_.empty() && may_send(now)) {
      const auto due = settings_.rate ? due_time(result_.sent) : now;
      if (due > now) return;
      Connection& connection = *idle_.back();
      idle_.pop_back();
      send(connection, due);
    }
  }

  void send(Connection& connection, Clock::time_point due) {
    connection.number = settings_.first_number + result_.sent++;
    connection.due = due;
    connection.busy = true;
    ++busy_;
    const std::string_view bytes = requests_.bytes(connection.number);
    const ssize_t taken = ::send(connection.socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (taken == static_cast<ssize_t>(bytes.size())) return;
    if (taken < 0 && errno != EAGAIN) return fail(connection);
    connection.unsent = bytes.substr(static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
    watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }

  void send_rest(Connection& connection) {
    std::string& rest = connection.unsent;
    const ssize_t taken = ::send(connection.socket.fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (taken < 0) return errno == EAGAIN ? void() : fail(connection);
    rest.erase(0, static_cast<std::size_t>(taken));
    if (rest.empty()) watch(connection, EPOLL_CTL_MOD, EPOLLIN);
  }

  void wait(Clock::time_point now) {
    timespec timeout{.tv_sec = 0, .tv_nsec = 100'000'000};
    if (settings_.rate && may_send(now) && !idle_.empty()) {
      const auto until_due = due_time(result_.sent) - now;
      timeout.tv_nsec = std::clamp<std::int64_t>(until_due.count(), kTick.count(), timeout.tv_nsec);
    }
    std::array<epoll_event, kEventsMax> events;
    const int ready = ::epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
    for (int index = 0; index < ready; ++index) {
      Connection& connection = *static_cast<Connection*>(events[index].data.ptr);
      if ((events[index].events & EPOLLOUT) != 0 && !connection.unsent.empty())
        send_rest(connection);
      if ((events[index].events & ~EPOLLOUT) != 0) receive(connection);
    }
  }

  void receive(Connection& connection) {
    const ssize_t got = ::recv(connection.socket.fd(), read_buffer_.data(), read_buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return fail(connection);

    std::string_view bytes(read_buffer_.data(), static_cast<std::size_t>(got));
    if (!connection.received.empty()) {
      connection.received += bytes;
      bytes = connection.received;
    }
    Response response;
    switch (find_response(bytes, response)) {
      case Framing::complete:
        finish(connection, response);
        connection.received.clear();
        return;
      case Framing::incomplete:
        if (connection.received.empty()) connection.received = bytes;
        return;
      case Framing::broken:
        return fail(connection);
    }
  }

  void finish(Connection& connection, const Response& response) {
    const auto now = Clock::now();
    if (answered_) answered_(connection.number, response);
    if (connection.due >= measure_from_) count(connection, response, now);
    if (now >= measure_from_ && now < end_) ++result_.answered;
    connection.busy = false;
    --busy_;

    if (settings_.rate || !may_send(now)) {
      idle_.push_back(&connection);
      if (settings_.rate) send_what_is_due(now);
    } else {
      send(connection, now);
    }
  }

  void count(const Connection& connection, const Response& response, Clock::time_point now) {
    const auto latency = now - connection.due;
    if (latency > result_.latency.max()) result_.slowest_at = connection.due - measure_from_;
    result_.latency.record(latency);
    const auto second = static_cast<std::size_t>(
        std::chrono::floor<std::chrono::seconds>(connection.due - measure_from_).count());
    if (second >= result_.by_second.size()) result_.by_second.resize(second + 1);
    result_.by_second[second].record(latency);
    if (static_cast<std::size_t>(response.status) < result_.by_status.size())
      ++result_.by_status[static_cast<std::size_t>(response.status)];
  }

  /// The connection was cut or answered nonsense: its request counts as an error, and a new
  /// connection takes its place.
  void fail(Connection& connection) {
    ++result_.connection_errors;
    if (connection.busy) {
      connection.busy = false;
      --busy_;
      idle_.push_back(&connection);
    }
    connect(connection);
  }

  const LoadSettings& settings_;
  Requests& requests_;
  const std::function<void(std::uint64_t, const Response&)>& answered_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<Connection*> idle_;
  std::vector<char> read_buffer_;
  std::size_t busy_ = 0;
  Clock::time_point begin_, measure_from_, end_;
  LoadResult result_;
};

}  // namespace

LoadResult run_load(const LoadSettings& settings, Requests& requests,
                    const std::function<void(std::uint64_t, const Response&)>& answered) {
  return Load(settings, requests, answered).run();
}

}  // namespace boxoffice::bench
