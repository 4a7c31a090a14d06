#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "gateway/http/message.hpp"

namespace boxoffice::gateway::http {

class Connection;

/// The io thread that a request came in on. Whatever touches its Reply runs there.
class Home {
 public:
  virtual ~Home() = default;
  /// Runs `task` on the io thread, in order. Thread-safe, never blocks; many posts between two
  /// rounds of the thread wake it once. After the server has stopped, tasks are dropped.
  virtual void post(std::move_only_function<void()> task) = 0;
};

/// Something that a request waits for, and what to say when it did not come in time.
class Waiting {
 public:
  virtual ~Waiting() = default;
  /// Is called on the io thread, at most once; must send on `reply`.
  virtual void overdue(class Reply& reply) = 0;
};

/// The right to answer one request, once. Movable; every function but `home` is for the io thread
/// alone. Dropped without an answer, the client gets a `503` when the server's bound for waiting is
/// over. Sending when the client has gone, or after that, does nothing.
class Reply {
 public:
  Reply(std::weak_ptr<Connection> connection, std::uint64_t exchange, std::shared_ptr<Home> home);
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept = default;

  /// Adds a header to the answer to come. REQUIRES: no CR, LF or NUL in either.
  void add_header(std::string_view name, std::string_view value);

  /// The same, in place of the header of that name that was added before, if there is one.
  void set_header(std::string_view name, std::string_view value);

  /// Answers. An empty content type leaves the header out. To HEAD the body's length is told and
  /// the body withheld.
  void send(int status, std::string_view content_type, std::string_view body);

  /// What the request counts as in the metrics: an index into the table of routes.
  void label(std::size_t route);

  /// Bounds the wait: at `deadline` `waiting.overdue` answers, unless someone did before.
  void wait(std::shared_ptr<Waiting> waiting, std::chrono::steady_clock::time_point deadline);

  const std::shared_ptr<Home>& home() const { return home_; }

 private:
  std::weak_ptr<Connection> connection_;
  std::uint64_t exchange_ = 0;
  std::shared_ptr<Home> home_;
};

}  // namespace boxoffice::gateway::http
