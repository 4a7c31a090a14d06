#include "bench/load/bystanders.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

namespace boxoffice::bench {
namespace {

constexpr std::string_view kAsk = "GET /healthz HTTP/1.1\r\nHost: bystander\r\n\r\n";
constexpr std::string_view kSlowHead =
    "POST /v1/occasions/none/claims HTTP/1.1\r\nHost: bystander\r\n"
    "Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n";

void allow_many_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

bool send_all(const Socket& socket, std::string_view bytes) {
  return ::send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

void await_answer(const Socket& socket) {
  pollfd ready{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  ::poll(&ready, 1, 5000);
  char answer[4096];
  while (::recv(socket.fd(), answer, sizeof(answer), 0) > 0) {
  }
}

bool is_closed(const Socket& socket) {
  char byte;
  return ::recv(socket.fd(), &byte, 1, MSG_PEEK) == 0;
}

}  // namespace

Bystanders::Bystanders(const BystanderSettings& settings) : settings_(settings) {
  if (settings.idle + settings.slow > 0) allow_many_files();
  idle_.reserve(settings.idle);
  for (std::size_t made = 0; made < settings.idle; ++made) {
    send_all(idle_.emplace_back(settings.target), kAsk);
    await_answer(idle_.back());
  }
  slow_.reserve(settings.slow);
  for (std::size_t made = 0; made < settings.slow; ++made)
    send_all(slow_.emplace_back(settings.target), kSlowHead);
  if (!slow_.empty())
    thread_ = std::jthread([this](const std::stop_token& stop) { trickle(stop); });
}

std::size_t Bystanders::idle_closed() const {
  return static_cast<std::size_t>(std::ranges::count_if(idle_, is_closed));
}

void Bystanders::trickle(const std::stop_token& stop) {
  // One connection after the other, evenly over the interval: a burst would be a load of another
  // kind.
  const auto pause = std::chrono::duration_cast<std::chrono::nanoseconds>(settings_.slow_every) /
                     static_cast<std::int64_t>(slow_.size());
  auto next = std::chrono::steady_clock::now();
  for (std::size_t index = 0; !stop.stop_requested(); index = (index + 1) % slow_.size()) {
    if (is_closed(slow_[index]) || !send_all(slow_[index], "x")) {
      ++slow_closed_;
      slow_[index] = Socket(settings_.target);
      send_all(slow_[index], kSlowHead);
    }
    std::this_thread::sleep_until(next += pause);
  }
}

}  // namespace boxoffice::bench
