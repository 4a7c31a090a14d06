#include "gateway/http/connection.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>

#include "events-schema/codec.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request_parser.hpp"

namespace boxoffice::gateway::http {

namespace {

using namespace std::chrono_literals;
using boost::asio::socket_base;
using boost::beast::http::error;
using ErrorCode = boost::system::error_code;

constexpr auto kLingerTime = 2s;
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kUnsentBytesMax = 64 * 1024;  ///< beyond, pipelined requests wait
constexpr std::size_t kIdleBytesMax = 2 * 1024;     ///< what an idle connection may keep

bool would_block(const ErrorCode& ec) {
  return ec == boost::asio::error::would_block || ec == boost::asio::error::try_again;
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

struct Malformed {
  int status;
  std::string_view name;
  std::string_view detail;
};

Malformed malformed(const ErrorCode& ec, RequestParser::Refusal refusal) {
  switch (refusal) {
    case RequestParser::Refusal::transfer_coding:
      return {501, "unknown_transfer_coding", "The only transfer coding understood is chunked."};
    case RequestParser::Refusal::folded_header:
      return {400, "malformed_http", "A header's value may not go over several lines."};
    case RequestParser::Refusal::none:
      break;
  }
  if (ec == error::header_limit)
    return {431, "headers_too_large", "The request's headers are too long."};
  if (ec == error::body_limit) return {413, "body_too_large", "The request's body is too long."};
  if (ec == error::bad_version) return {505, "unknown_http_version", "HTTP/1.1 is spoken here."};
  return {400, "malformed_http", "This is not a well-formed HTTP/1.1 request."};
}

}  // namespace

struct Connection::Parsing {
  std::vector<RequestParser::Field> fields;
  std::optional<RequestParser> parser;  ///< of the message under way
  std::size_t parsed = 0;               ///< bytes of it that the parser has taken
  std::vector<Header> headers;
};

Connection::Connection(Socket socket, IoThread& thread)
    : socket_(std::move(socket)), thread_(thread), parsing_(std::make_unique<Parsing>()) {
  ErrorCode ec;
  socket_.non_blocking(true, ec);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ec);
  const auto peer = socket_.remote_endpoint(ec);
  if (!ec) peer_ = peer.address().to_string();
}

Connection::~Connection() { --thread_.shared().connections; }

void Connection::start() {
  deadline_ = Clock::now() + thread_.shared().settings.idle_timeout;
  if (thread_.draining()) return close();
  await_readable();
}

void Connection::refuse() {
  refuse_malformed(503, "too_many_connections", "The server has all the connections it can hold.");
  settle();
}

void Connection::drain() {
  if (state_ == State::reading && arrived_.empty() && unsent_.empty()) close();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  waiting_.reset();
  ErrorCode ec;
  socket_.close(ec);
  thread_.forget(*this);
}

// --- reading ---

void Connection::await_readable() {
  if (read_armed_) return;
  read_armed_ = true;
  socket_.async_wait(socket_base::wait_read, [self = shared_from_this()](const ErrorCode& ec) {
    self->read_armed_ = false;
    if (self->state_ == State::closed) return;
    if (ec) return self->close();
    self->on_readable();
  });
}

void Connection::on_readable() {
  if (state_ == State::lingering) return discard();
  if (state_ == State::reading) read_more();
}

void Connection::read_more() {
  ErrorCode ec;
  std::size_t count = 0;
  const bool fresh = arrived_.empty();
  std::vector<char>& arrival = thread_.arrival();
  count = socket_.read_some(boost::asio::buffer(arrival.data(), kReadBytes), ec);
  if (would_block(ec)) return await_readable();
  if (ec == boost::asio::error::eof && !fresh) {
    refuse_malformed(400, "malformed_http", "The request ended in its middle.");
    return settle();
  }
  if (ec) return close();

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
  while (done < arrived.size()) {
    if (state_ != State::reading || unsent_.size() > kUnsentBytesMax) {
      untried_ = true;
      break;
    }
    if (!parsing_->parser) {
      parsing_->parser.emplace(parsing_->fields);
      parsing_->parser->eager(true);
      parsing_->parser->header_limit(
          static_cast<std::uint32_t>(thread_.shared().settings.header_bytes_max));
      parsing_->parser->body_limit(thread_.shared().settings.body_bytes_max);
      parsing_->parsed = 0;
      promised_continue_ = false;
      began_ = Clock::now();
    }
    RequestParser& parser = *parsing_->parser;
    const std::string_view message = arrived.substr(done);
    parser.rebase(message);
    ErrorCode ec;
    parsing_->parsed += parser.put(
        boost::asio::buffer(message.data() + parsing_->parsed, message.size() - parsing_->parsed),
        ec);
    if (ec && ec != error::need_more) {
      const Malformed refusal = malformed(ec, parser.refusal());
      refuse_malformed(refusal.status, refusal.name, refusal.detail);
      return arrived.size();
    }
    if (!parser.is_done()) {
      await_rest_of_message(message.size());
      if (state_ == State::closing) return arrived.size();
      break;
    }
    done += parsing_->parsed;
    handle(message.substr(0, parsing_->parsed));
    parsing_->parser.reset();
  }
  return state_ == State::closing ? arrived.size() : done;
}

void Connection::await_rest_of_message(std::size_t arrived_bytes) {
  // Chunks may come with extensions and trailers, which the parser counts to no limit.
  constexpr std::size_t kFramingBytesMax = 64 * 1024;
  const ServerSettings& settings = thread_.shared().settings;
  const RequestParser& parser = *parsing_->parser;
  if (arrived_bytes > settings.header_bytes_max + 2 * settings.body_bytes_max + kFramingBytesMax)
    return refuse_malformed(413, "body_too_large", "The request's body is too long.");
  if (!parser.is_header_done()) {
    deadline_ = began_ + settings.headers_timeout;
    return;
  }
  deadline_ = began_ + settings.headers_timeout + settings.body_timeout;
  if (parser.expects_continue() && !promised_continue_) {
    promised_continue_ = true;
    unsent_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
}

void Connection::discard() {
  ErrorCode ec;
  socket_.read_some(boost::asio::buffer(thread_.arrival().data(), kReadBytes), ec);
  if (ec && !would_block(ec)) return close();
  await_readable();
}

// --- answering ---

void Connection::handle(std::string_view message) {
  RequestParser& parser = *parsing_->parser;
  ++exchange_;
  headers_.clear();
  route_ = kNoRoute;
  keep_alive_ = parser.keep_alive();
  head_ = parser.method() == Method::head;
  state_ = State::answering;
  deadline_ = began_ + thread_.shared().settings.answer_timeout;

  const char* const base = message.data();
  parsing_->headers.clear();
  for (const RequestParser::Field& field : parser.fields()) {
    parsing_->headers.push_back({field.name.in(base), field.value.in(base)});
  }
  if (parser.chunked_body()) parser.chunks().reserve(parser.chunks().size() + schema::kPadding);
  const Request request{
      .method = parser.method(),
      .target = parser.target().in(base),
      .headers = parsing_->headers,
      .body = parser.chunked_body() ? std::string_view(parser.chunks()) : parser.body().in(base),
      .peer = peer_,
      .started = began_};
  in_handler_ = true;
  try {
    thread_.shared().handler(request,
                             Reply(weak_from_this(), exchange_, thread_.shared_from_this()));
  } catch (const std::exception& error) {
    spdlog::error("answering failed: {}", error.what());
    const Problem problem{.name = "internal_error", .detail = "The server failed at this request."};
    send(exchange_, problem_status(problem.name), kProblemJson, to_json(problem));
  }
  in_handler_ = false;
}

void Connection::add_header(std::uint64_t exchange, std::string_view name, std::string_view value) {
  if (exchange != exchange_ || state_ != State::answering) return;
  headers_.append(name).append(": ").append(value).append("\r\n");
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
  unsent_ += "HTTP/1.1 ";
  append_number(unsent_, static_cast<std::size_t>(status));
  unsent_.append(" ").append(reason_of(status));
  unsent_.append("\r\nDate: ").append(thread_.date()).append("\r\n");
  if (!content_type.empty()) {
    unsent_.append("Content-Type: ").append(content_type).append("\r\n");
  }
  if (status != 204 && status != 304) {
    unsent_ += "Content-Length: ";
    append_number(unsent_, body_bytes);
    unsent_ += "\r\n";
  }
  unsent_ += headers_;
  unsent_ += keep_alive_ ? "\r\n" : "Connection: close\r\n\r\n";
}

void Connection::refuse_malformed(int status, std::string_view name, std::string_view detail) {
  ++exchange_;
  headers_.clear();
  if (status == 503) headers_ = "Retry-After: 1\r\n";
  keep_alive_ = false;
  head_ = false;
  const std::string body = to_json(Problem{.name = name, .detail = std::string(detail)});
  render_head(status, kProblemJson, body.size());
  unsent_ += body;
  thread_.shared().answered({.route = kNoRoute, .status = status, .took = {}});
  state_ = State::closing;
  deadline_ = Clock::now() + thread_.shared().settings.write_timeout;
}

// --- time ---

void Connection::check(Clock::time_point now) {
  if (now < deadline_) return;
  switch (state_) {
    case State::reading:
      if (!unsent_.empty() || arrived_.empty()) return close();
      refuse_malformed(408, "too_slow", "The request did not arrive in time.");
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
    ErrorCode ec;
    const std::size_t count =
        socket_.write_some(boost::asio::buffer(unsent_.data() + sent_, unsent_.size() - sent_), ec);
    sent_ += count;
    if (count > 0 && state_ != State::answering && sent_ < unsent_.size()) {
      deadline_ = Clock::now() + thread_.shared().settings.write_timeout;
    }
    if (would_block(ec)) {
      if (write_armed_) return false;
      write_armed_ = true;
      socket_.async_wait(socket_base::wait_write,
                         [self = shared_from_this()](const ErrorCode& failed) {
                           self->write_armed_ = false;
                           if (self->state_ == State::closed) return;
                           if (failed) return self->close();
                           self->settle();
                         });
      return false;
    }
    if (ec) {
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
  ErrorCode ec;
  socket_.shutdown(socket_base::shutdown_send, ec);
  await_readable();
}

}  // namespace boxoffice::gateway::http
