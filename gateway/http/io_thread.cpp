#include "gateway/http/io_thread.hpp"

#include <fmt/chrono.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>

#include "events-schema/codec.hpp"
#include "gateway/http/connection.hpp"
#include "journal/journal.hpp"

namespace boxoffice::gateway::http {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kArrivalBytes = 64 * 1024;

std::string date_now() {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr)));
}

// Time-outs are judged by a sweep over the thread's connections; a quarter of the shortest one is
// exact enough.
Clock::duration sweep_interval(const ServerSettings& settings) {
  const auto shortest = std::min({settings.request_timeout, settings.idle_timeout,
                                  settings.write_timeout, settings.answer_timeout});
  return std::clamp<std::chrono::milliseconds>(shortest / 4, std::chrono::milliseconds(10),
                                               std::chrono::milliseconds(500));
}

}  // namespace

IoThread::IoThread(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)),
      work_(boost::asio::make_work_guard(context_)),
      arrival_(kArrivalBytes + schema::kPadding),
      date_(date_now()) {}

IoThread::~IoThread() { join(); }

void IoThread::post(std::move_only_function<void()> task) {
  bool first;
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    first = mailbox_.empty();
    mailbox_.push_back(std::move(task));
  }
  // Whoever finds the box empty wakes the thread; it takes all that is there by then.
  if (first) boost::asio::post(context_, [this] { run_mailbox(); });
}

void IoThread::run_mailbox() {
  {
    std::lock_guard lock(mutex_);
    taken_.swap(mailbox_);
  }
  for (auto& task : taken_) {
    try {
      task();
    } catch (const std::exception& error) {
      // Whoever waits for this answer gets it by the time-out.
      journal::error("answer_failed", std::string("an answer failed: ") + error.what())
          .with("error", error.what());
    }
  }
  taken_.clear();
}

void IoThread::start(std::size_t number) {
  tick();
  thread_ = std::thread([this, number] {
    pthread_setname_np(pthread_self(), fmt::format("http-{}", number).c_str());
    context_.run();
    // A task may hold a Reply, and that this thread: what will never run must not stay.
    std::vector<std::move_only_function<void()>> unread;
    std::lock_guard lock(mutex_);
    ended_ = true;
    unread.swap(mailbox_);
  });
}

void IoThread::drain() {
  post([this] {
    draining_ = true;
    drained_by_ = Clock::now() + shared_->settings.drain_timeout;
    const auto connections = connections_;  // closing one takes it off the list
    for (const auto& connection : connections) connection->drain();
    finish_if_drained();
  });
}

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

void IoThread::adopt(Socket socket, bool refused) {
  auto connection = std::make_shared<Connection>(std::move(socket), *this);
  connection->set_place(connections_.size());
  connections_.push_back(connection);
  if (refused) {
    connection->refuse();
  } else {
    connection->start();
  }
}

void IoThread::forget(Connection& connection) {
  const std::size_t place = connection.place();
  std::swap(connections_[place], connections_.back());
  connections_[place]->set_place(place);
  connections_.pop_back();
  if (draining_) finish_if_drained();
}

void IoThread::finish_if_drained() {
  if (!connections_.empty()) return;
  timer_.cancel();
  work_.reset();
}

void IoThread::tick() {
  date_ = date_now();
  const auto now = Clock::now();
  const bool over = draining_ && now >= drained_by_;
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i >= connections_.size()) continue;  // several may end in one call
    const std::shared_ptr<Connection> connection = connections_[i];
    if (over) {
      connection->close();
    } else {
      connection->check(now);
    }
  }
  if (draining_ && connections_.empty()) return;
  timer_.expires_after(sweep_interval(shared_->settings));
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) tick();
  });
}

}  // namespace boxoffice::gateway::http
