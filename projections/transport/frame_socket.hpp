#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "projections/transport/frames.hpp"

/// Internal to transport/: a connected socket that frames go through, both ways. All of it runs on
/// its io_context's thread.
namespace boxoffice::projections::transport {

struct SocketBounds {
  std::size_t frame_bytes_max;              ///< that come in
  std::size_t unsent_bytes_max;             ///< beyond, the peer is too slow
  std::chrono::milliseconds silence_max;    ///< without a byte from the peer
  std::chrono::milliseconds write_timeout;  ///< without the peer taking any of what is sent
};

class FrameSocket : public std::enable_shared_from_this<FrameSocket> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnEnd = std::function<void(LinkError why)>;

  FrameSocket(Socket socket, const SocketBounds& bounds);

  /// `on_end` is called once, unless `close` came before; never from within `start` or `send`. It
  /// may still send why. Both must not keep this socket.
  void start(FrameCutter::OnFrame on_frame, OnEnd on_end);
  void send(std::string frame);
  /// At once, without a call.
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  using ErrorCode = boost::system::error_code;

  void read();
  void write();
  void watch();
  /// Lets the peer take what was sent before, and closes.
  void end(LinkError why);
  void bid_farewell();

  Socket socket_;
  const SocketBounds bounds_;
  boost::asio::steady_timer watch_;
  FrameCutter cutter_;
  FrameCutter::OnFrame on_frame_;
  OnEnd on_end_;
  std::array<char, 64 << 10> arrived_;
  std::string unsent_;   // what comes after `sending_`
  std::string sending_;  // is being written
  bool is_open_ = true;
  bool is_ending_ = false;  // only what is unsent is of interest any more
  Clock::time_point heard_at_ = Clock::now();
  Clock::time_point took_at_ = Clock::now();
};

}  // namespace boxoffice::projections::transport
