#pragma once

#include <memory>
#include <string>

#include "gateway/http/stream.hpp"

namespace boxoffice::gateway::http {

class Incoming;
struct Malformed;

/// One client. All of it runs on its io thread.
///
///   shaking ──keys agreed on, under TLS──▶ reading
///
///   reading ──request──▶ answering ──answer──▶ reading …
///      │                     └──the last answer──▶ closing ──all sent──▶ lingering ──▶ closed
///      └──malformed, too slow─────────────────────────┘
///
/// Nothing is read while a request is being answered: who pipelines waits in the kernel's buffers.
/// Bytes are kept in `arrived_` and `unsent_` only while they have to wait; an idle connection has
/// neither.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, IoThread& thread);
  ~Connection();

  void start();
  /// Answers `503` without looking at anything, and closes. Under TLS it only closes: shaking hands
  /// costs more than any answer.
  void refuse();
  /// No further request after the one under way.
  void drain();
  /// Sees to the time-outs.
  void check(std::chrono::steady_clock::time_point now);
  void close();

  // For Reply: those with another number come too late and are ignored.
  void add_header(std::uint64_t exchange, std::string_view name, std::string_view value);
  void set_header(std::uint64_t exchange, std::string_view name, std::string_view value);
  void label(std::uint64_t exchange, std::size_t route);
  void wait(std::uint64_t exchange, std::shared_ptr<Waiting> waiting,
            std::chrono::steady_clock::time_point deadline);
  void send(std::uint64_t exchange, int status, std::string_view content_type,
            std::string_view body);

  std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

 private:
  enum class State { shaking, reading, answering, closing, lingering, closed };
  using Clock = std::chrono::steady_clock;

  void await_readable();
  void await_writable();
  void on_readable();
  void on_writable();
  void shake_hands();
  void read_more();
  void discard();
  /// Handles requests until one waits for its answer or the bytes end; returns how many bytes are
  /// done with.
  std::size_t handle_all(std::string_view arrived);
  void handle_kept();
  void handle(std::string_view message);
  void await_rest_of_message(bool of_its_body);
  /// Answers what no handler was asked about, of `message` or of no message at all, and closes.
  void answer_unasked(const Malformed& refusal, std::string_view message);
  void answer_overdue();
  void render_head(int status, std::string_view content_type, std::size_t body_bytes);
  /// Sends what is to be sent, then does what the state asks for.
  void settle();
  bool flush();
  void linger();

  Stream stream_;
  IoThread& thread_;
  std::size_t place_ = 0;
  State state_ = State::reading;
  bool keep_alive_ = true;
  bool tells_keep_alive_ = false;
  bool head_ = false;
  bool in_handler_ = false;
  bool untried_ = false;  ///< `arrived_` begins with bytes that the parser has not seen
  bool read_armed_ = false;
  bool write_armed_ = false;
  // Under TLS either may have to wait for the other.
  bool read_needs_write_ = false;
  bool write_needs_read_ = false;
  Clock::time_point deadline_;
  Clock::time_point began_;

  std::string peer_;
  std::unique_ptr<Incoming> incoming_;
  std::string arrived_;
  std::string unsent_;
  std::size_t sent_ = 0;

  std::uint64_t exchange_ = 0;  ///< the number of the request being answered
  std::string headers_;         ///< added to its answer
  std::size_t route_ = kNoRoute;
  std::shared_ptr<Waiting> waiting_;
};

}  // namespace boxoffice::gateway::http
