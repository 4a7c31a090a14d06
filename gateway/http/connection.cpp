#include "gateway/http/connection.hpp"

#include <utility>

#include "events-schema/codec.hpp"
#include "gateway/http/answer_head.hpp"
#include "gateway/http/incoming.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request_id.hpp"
#include "journal/journal.hpp"

namespace boxoffice::gateway::http {

namespace {

using namespace std::chrono_literals;
using boost::asio::socket_base;
using ErrorCode = boost::system::error_code;

constexpr auto kLingerTime = 2s;
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kUnsentBytesMax = 64 * 1024;  ///< beyond, pipelined requests wait
constexpr std::size_t kIdleBytesMax = 2 * 1024;     ///< what an idle connection may keep

}  // namespace

Connection::Connection(Socket socket, IoThread& thread)
    : stream_(std::move(socket), thread.shared().certificate.get()),
      thread_(thread),
      incoming_(std::make_unique<Incoming>(thread.shared().settings)) {
  ErrorCode ec;
  stream_.socket().non_blocking(true, ec);
  stream_.socket().set_option(boost::asio::ip::tcp::no_delay(true), ec);
  const auto peer = stream_.socket().remote_endpoint(ec);
  if (!ec) peer_ = peer.address().to_string();
}

Connection::~Connection() { --thread_.shared().connections; }

void Connection::start() {
  deadline_ = Clock::now() + thread_.shared().settings.idle_timeout;
  if (thread_.draining()) return close();
  if (stream_.must_shake_hands()) {
    state_ = State::shaking;
    deadline_ = Clock::now() + thread_.shared().settings.request_timeout;
  }
  await_readable();
}

void Connection::refuse() {
  if (stream_.must_shake_hands()) return close();
  answer_unasked({503, "too_many_connections", "The server has all the connections it can hold."},
                 {});
  settle();
}

void Connection::drain() {
  const bool is_idle = state_ == State::reading && arrived_.empty() && unsent_.empty();
  if (is_idle || state_ == State::shaking) close();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  waiting_.reset();
  stream_.close();
  thread_.forget(*this);
}

// --- reading ---

void Connection::await_readable() {
  if (read_armed_) return;
  read_armed_ = true;
  stream_.socket().async_wait(socket_base::wait_read,
                              [self = shared_from_this()](const ErrorCode& ec) {
                                self->read_armed_ = false;
                                if (self->state_ == State::closed) return;
                                if (ec) return self->close();
                                self->on_readable();
                              });
}

void Connection::await_writable() {
  if (write_armed_) return;
  write_armed_ = true;
  stream_.socket().async_wait(socket_base::wait_write,
                              [self = shared_from_this()](const ErrorCode& ec) {
                                self->write_armed_ = false;
                                if (self->state_ == State::closed) return;
                                if (ec) return self->close();
                                self->on_writable();
                              });
}

void Connection::on_writable() {
  if (state_ == State::shaking) return shake_hands();
  if (std::exchange(read_needs_write_, false)) return on_readable();
  settle();
}

void Connection::shake_hands() {
  switch (stream_.shake_hands()) {
    case Stream::Found::needs_read:
      return await_readable();
    case Stream::Found::needs_write:
      return await_writable();
    case Stream::Found::bytes:
      state_ = State::reading;
      deadline_ = Clock::now() + thread_.shared().settings.idle_timeout;
      return read_more();
    case Stream::Found::end:
    case Stream::Found::broken:
      break;
  }
  if (!stream_.spoke_plainly()) return close();
  stream_.end_tls();
  answer_unasked({400, "malformed_http", "This port speaks HTTPS alone, and the request is HTTP."},
                 {});
  settle();
}

void Connection::on_readable() {
  if (state_ == State::shaking) return shake_hands();
  if (std::exchange(write_needs_read_, false)) return settle();
  if (state_ == State::lingering) return discard();
  if (state_ == State::reading) read_more();
}

void Connection::read_more() {
  const bool fresh = arrived_.empty();
  std::vector<char>& arrival = thread_.arrival();
  const auto [found, count] = stream_.read({arrival.data(), kReadBytes});
  switch (found) {
    case Stream::Found::bytes:
      break;
    case Stream::Found::needs_read:
      return await_readable();
    case Stream::Found::needs_write:
      read_needs_write_ = true;
      return await_writable();
    case Stream::Found::end:
      if (fresh) return close();
      answer_unasked({400, "malformed_http", "The request ended in its middle."}, arrived_);
      return settle();
    case Stream::Found::broken:
      return close();
  }

  if (fresh) {
    const std::size_t done = handle_all({arrival.data(), count});
    arrived_.assign(arrival.data() + done, count - done);
  } else {
    arrived_.append(arrival.data(), count);
    handle_kept();
  }
  settle();
}

void Connection::handle_kept() {
  arrived_.reserve(arrived_.size() + schema::kPadding);
  const std::size_t done = handle_all(arrived_);
  if (done == arrived_.size()) {
    arrived_ = std::string();
  } else {
    arrived_.erase(0, done);
  }
}

std::size_t Connection::handle_all(std::string_view arrived) {
  std::size_t done = 0;
  untried_ = false;
  while (done < arrived.size() && state_ != State::closing) {
    if (state_ != State::reading || unsent_.size() > kUnsentBytesMax) {
      untried_ = true;
      break;
    }
    if (!incoming_->under_way()) began_ = Clock::now();
    const std::string_view message = arrived.substr(done);
    const Incoming::Progress progress = incoming_->take(message);
    if (progress == Incoming::Progress::malformed) {
      answer_unasked(incoming_->malformed(), message);
    } else if (progress == Incoming::Progress::too_large) {
      handle(message);
      incoming_->next();
      return arrived.size();  // what is left of its body is nobody's request
    } else if (progress == Incoming::Progress::whole) {
      const std::size_t bytes = incoming_->bytes();
      handle(message.substr(0, bytes));
      incoming_->next();
      done += bytes;
    } else {
      await_rest_of_message(progress == Incoming::Progress::in_body);
      break;
    }
  }
  return state_ == State::closing ? arrived.size() : done;
}

void Connection::await_rest_of_message(bool of_its_body) {
  deadline_ = began_ + thread_.shared().settings.request_timeout;
  if (of_its_body && incoming_->wants_a_promise()) unsent_ += "HTTP/1.1 100 Continue\r\n\r\n";
}

void Connection::discard() {
  if (!stream_.discard({thread_.arrival().data(), kReadBytes})) return close();
  await_readable();
}

// --- answering ---

void Connection::handle(std::string_view message) {
  ++exchange_;
  Request request = incoming_->request(message);
  const std::string id = request_id_of(request.headers);
  request.id = id;
  request.peer = peer_;
  request.started = began_;
  headers_.assign("X-Request-Id: ").append(id).append("\r\n");
  route_ = kNoRoute;
  keep_alive_ = !request.body_too_large && incoming_->keeps_alive();
  tells_keep_alive_ = incoming_->expects_close();
  head_ = request.method == Method::head;
  state_ = State::answering;
  deadline_ = began_ + thread_.shared().settings.answer_timeout;

  in_handler_ = true;
  try {
    thread_.shared().handler(request,
                             Reply(weak_from_this(), exchange_, thread_.shared_from_this()));
  } catch (const std::exception& error) {
    journal::error("answer_failed", std::string("answering failed: ") + error.what())
        .with("error", error.what());
    const Problem problem{.name = "internal_error", .detail = "The server failed at this request."};
    send(exchange_, problem_status(problem.name), kProblemJson, to_json(problem));
  }
  in_handler_ = false;
}

void Connection::add_header(std::uint64_t exchange, std::string_view name, std::string_view value) {
  if (exchange != exchange_ || state_ != State::answering) return;
  headers_.append(name).append(": ").append(value).append("\r\n");
}

void Connection::set_header(std::uint64_t exchange, std::string_view name, std::string_view value) {
  if (exchange != exchange_ || state_ != State::answering) return;
  // X-Request-Id is the first of all, so each header that was added follows an end of line.
  const std::size_t before = headers_.find("\r\n" + std::string(name) + ": ");
  if (before != std::string::npos) {
    const std::size_t line = before + 2;
    headers_.erase(line, headers_.find("\r\n", line) + 2 - line);
  }
  add_header(exchange, name, value);
}

void Connection::label(std::uint64_t exchange, std::size_t route) {
  if (exchange == exchange_) route_ = route;
}

void Connection::wait(std::uint64_t exchange, std::shared_ptr<Waiting> waiting,
                      Clock::time_point deadline) {
  if (exchange != exchange_ || state_ != State::answering) return;
  waiting_ = std::move(waiting);
  deadline_ = deadline;
}

void Connection::send(std::uint64_t exchange, int status, std::string_view content_type,
                      std::string_view body) {
  if (exchange != exchange_ || state_ != State::answering) return;
  if (thread_.draining()) keep_alive_ = false;
  render_head(status, content_type, body.size());
  if (!head_) unsent_ += body;
  waiting_.reset();

  const auto now = Clock::now();
  thread_.shared().answered({.route = route_, .status = status, .took = now - began_});
  deadline_ = now + thread_.shared().settings.idle_timeout;
  state_ = keep_alive_ ? State::reading : State::closing;
  if (!in_handler_) settle();
}

void Connection::render_head(int status, std::string_view content_type, std::size_t body_bytes) {
  append_head(unsent_, {.status = status,
                        .date = thread_.date(),
                        .content_type = content_type,
                        .body_bytes = body_bytes,
                        .headers = headers_,
                        .keep_alive = keep_alive_,
                        .tells_keep_alive = tells_keep_alive_});
}

void Connection::answer_unasked(const Malformed& refusal, std::string_view message) {
  ++exchange_;
  headers_.assign("X-Request-Id: ").append(request_id_of(incoming_->headers(message)));
  headers_ += refusal.status == 503 ? "\r\nRetry-After: 1\r\n" : "\r\n";
  keep_alive_ = false;
  head_ = false;
  const std::string body =
      to_json(Problem{.name = refusal.name, .detail = std::string(refusal.detail)});
  render_head(refusal.status, kProblemJson, body.size());
  unsent_ += body;
  thread_.shared().answered({.route = kNoRoute, .status = refusal.status, .took = {}});
  state_ = State::closing;
  deadline_ = Clock::now() + thread_.shared().settings.write_timeout;
}

// --- time ---

void Connection::check(Clock::time_point now) {
  if (now < deadline_) return;
  switch (state_) {
    case State::shaking:
      return close();
    case State::reading:
      if (!unsent_.empty() || arrived_.empty()) return close();
      answer_unasked({408, "too_slow", "The request did not arrive in time."}, arrived_);
      return settle();
    case State::answering:
      return answer_overdue();
    case State::closing:
    case State::lingering:
      return close();
    case State::closed:
      return;
  }
}

void Connection::answer_overdue() {
  Reply reply(weak_from_this(), exchange_, thread_.shared_from_this());
  if (const std::shared_ptr<Waiting> waiting = std::move(waiting_)) waiting->overdue(reply);
  if (state_ != State::answering) return;
  reply.add_header("Retry-After", "1");
  const Problem problem{.name = "busy", .detail = "No answer was found in time."};
  reply.send(problem_status(problem.name), kProblemJson, to_json(problem));
}

// --- writing ---

void Connection::settle() {
  for (;;) {
    if (state_ == State::closed || !flush()) return;
    if (state_ == State::answering || state_ == State::lingering) return;
    if (state_ == State::closing) return linger();
    if (!untried_) break;
    handle_kept();
  }
  if (thread_.draining() && arrived_.empty()) return close();
  await_readable();
}

bool Connection::flush() {
  while (sent_ < unsent_.size()) {
    const auto [found, count] = stream_.write({unsent_.data() + sent_, unsent_.size() - sent_});
    sent_ += count;
    if (count > 0 && state_ != State::answering && sent_ < unsent_.size()) {
      deadline_ = Clock::now() + thread_.shared().settings.write_timeout;
    }
    switch (found) {
      case Stream::Found::bytes:
        continue;
      case Stream::Found::needs_read:
        write_needs_read_ = true;
        await_readable();
        return false;
      case Stream::Found::needs_write:
        await_writable();
        return false;
      case Stream::Found::end:
      case Stream::Found::broken:
        close();
        return false;
    }
  }
  sent_ = 0;
  unsent_.clear();
  if (unsent_.capacity() > kIdleBytesMax) unsent_ = std::string();
  return true;
}

// Closing with bytes unread would make the kernel reset the connection, and the client might never
// see the answer. So the rest is read and thrown away until the client closes, too.
void Connection::linger() {
  state_ = State::lingering;
  deadline_ = Clock::now() + kLingerTime;
  arrived_ = std::string();
  stream_.end_writing();
  await_readable();
}

}  // namespace boxoffice::gateway::http
