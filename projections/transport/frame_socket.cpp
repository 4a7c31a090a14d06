#include "projections/transport/frame_socket.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace boxoffice::projections::transport {
namespace {

/// How long who is cut off has for reading why.
constexpr std::chrono::milliseconds kFarewell{500};

}  // namespace

FrameSocket::FrameSocket(Socket socket, const SocketBounds& bounds)
    : socket_(std::move(socket)),
      bounds_(bounds),
      watch_(socket_.get_executor()),
      cutter_(bounds.frame_bytes_max) {}

void FrameSocket::start(FrameCutter::OnFrame on_frame, OnEnd on_end) {
  on_frame_ = std::move(on_frame);
  on_end_ = std::move(on_end);
  ErrorCode ignored;  // then answers come somewhat later
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  read();
  watch();
}

void FrameSocket::read() {
  socket_.async_read_some(
      boost::asio::buffer(arrived_),
      [self = shared_from_this()](const ErrorCode& error, std::size_t count) {
        if (!self->is_open_) return;
        if (error) return self->is_ending_ ? self->close() : self->end(LinkError::peer_gone);
        self->heard_at_ = Clock::now();
        if (!self->is_ending_) {
          const auto taken = self->cutter_.take({self->arrived_.data(), count}, self->on_frame_);
          if (!taken) self->end(taken.error());
        }
        if (self->is_open_) self->read();
      });
}

void FrameSocket::send(std::string frame) {
  if (!is_open_ || is_ending_) return;
  if (sending_.size() + unsent_.size() + frame.size() > bounds_.unsent_bytes_max) {
    boost::asio::post(socket_.get_executor(),
                      [self = shared_from_this()] { self->end(LinkError::peer_slow); });
    return;
  }
  if (unsent_.empty())
    unsent_ = std::move(frame);
  else
    unsent_ += frame;
  if (sending_.empty()) write();
}

void FrameSocket::write() {
  if (unsent_.empty()) return is_ending_ ? bid_farewell() : void();
  sending_.swap(unsent_);
  took_at_ = Clock::now();
  boost::asio::async_write(
      socket_, boost::asio::buffer(sending_),
      [self = shared_from_this()](const ErrorCode& error, std::size_t so_far) -> std::size_t {
        self->took_at_ = Clock::now();
        constexpr std::size_t kAtOnce = 64 << 10;
        return error || so_far >= self->sending_.size() ? 0 : kAtOnce;
      },
      [self = shared_from_this()](const ErrorCode& error, std::size_t) {
        if (!self->is_open_) return;
        if (error) return self->is_ending_ ? self->close() : self->end(LinkError::peer_gone);
        self->sending_.clear();
        self->write();
      });
}

void FrameSocket::watch() {
  watch_.expires_after(std::min(bounds_.silence_max, bounds_.write_timeout) / 4);
  watch_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (error || !self->is_open_ || self->is_ending_) return;
    const auto now = Clock::now();
    if (now - self->heard_at_ > self->bounds_.silence_max) return self->end(LinkError::peer_silent);
    if (!self->sending_.empty() && now - self->took_at_ > self->bounds_.write_timeout)
      return self->end(LinkError::peer_slow);
    self->watch();
  });
}

void FrameSocket::end(LinkError why) {
  if (!is_open_ || is_ending_) return;
  on_end_(why);
  is_ending_ = true;
  if (!is_open_ || why == LinkError::peer_gone) return close();
  watch_.expires_after(kFarewell);
  watch_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->close();
  });
  if (sending_.empty()) write();
}

/// What the peer still sends is read and thrown away: closing before would take from it what it has
/// not read yet.
void FrameSocket::bid_farewell() {
  ErrorCode ignored;  // it ends in any case
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void FrameSocket::close() {
  if (!is_open_) return;
  is_open_ = false;
  watch_.cancel();
  ErrorCode ignored;  // nobody is left to tell
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace boxoffice::projections::transport
