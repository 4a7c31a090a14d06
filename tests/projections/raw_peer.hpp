#pragma once

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "projections/transport/messages.hpp"

/// Peers that a test makes speak as it likes: blocking, on sockets of their own.
namespace boxoffice::projections::transport {

using tcp = boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

inline tcp::endpoint loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

/// One end of a conversation.
class RawPeer {
 public:
  explicit RawPeer(tcp::socket socket) : socket_(std::move(socket)) {}

  void send(std::string_view bytes) {
    ErrorCode ignored;  // the other may have gone, which is then seen in what it says
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  /// The next frame's payload; nullopt: the other has ended.
  std::optional<std::string> next() {
    ErrorCode error;
    std::array<unsigned char, 4> length;
    boost::asio::read(socket_, boost::asio::buffer(length), error);
    if (error) return std::nullopt;
    std::string payload(static_cast<std::size_t>(length[0]) << 24 |
                            static_cast<std::size_t>(length[1]) << 16 |
                            static_cast<std::size_t>(length[2]) << 8 | length[3],
                        '\0');
    boost::asio::read(socket_, boost::asio::buffer(payload), error);
    if (error) return std::nullopt;
    return payload;
  }
  void say_no_more() {
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() {
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }
  /// From another thread: `next` ends.
  void interrupt() {
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
  }

 private:
  tcp::socket socket_;
};

/// A gateway of a test's making.
class RawGateway : public RawPeer {
 public:
  explicit RawGateway(std::uint16_t port) : RawPeer(connected(port)) {}

  void send(const Request& request) { RawPeer::send(frame_of(request)); }
  using RawPeer::send;
  std::optional<Response> next() {
    const auto payload = RawPeer::next();
    return payload ? response_from(*payload) : std::nullopt;
  }
  /// Why the other has ended the conversation, in its words; empty: without one.
  std::string farewell() {
    std::string reason;
    while (const auto response = next())
      if (const auto* refused = std::get_if<Refused>(&*response)) reason = refused->reason;
    return reason;
  }

 private:
  static tcp::socket connected(std::uint16_t port) {
    static boost::asio::io_context context;
    tcp::socket socket(context);
    socket.connect(loopback(port));
    return socket;
  }
};

/// A projector of a test's making: it listens, and behaves to each gateway as it is told.
class RawProjector {
 public:
  /// What it does with each request; false: it ends the conversation.
  using Behaviour = std::function<bool(RawPeer&, const Request&)>;

  explicit RawProjector(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    thread_ = std::thread([this] { listen(); });
  }
  ~RawProjector() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const auto& peer : peers_) peer->interrupt();
    }
    ErrorCode ignored;
    tcp::socket(context_).connect(loopback(port()), ignored);  // wakes it
    thread_.join();
    for (std::thread& conversation : conversations_) conversation.join();
  }

  std::uint16_t port() const { return port_; }
  std::size_t asked() const { return asked_; }

 private:
  void listen() {
    for (;;) {
      tcp::socket socket(context_);
      ErrorCode error;
      acceptor_.accept(socket, error);
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      if (error) continue;
      peers_.push_back(std::make_shared<RawPeer>(std::move(socket)));
      conversations_.emplace_back([this, peer = peers_.back()] { talk(*peer); });
    }
  }
  void talk(RawPeer& peer) {
    while (const auto payload = peer.next()) {
      const auto request = request_from(*payload);
      if (request && std::holds_alternative<Ask>(*request)) ++asked_;
      if (!request || !behaviour_(peer, *request)) break;
    }
    const std::lock_guard lock(mutex_);
    peer.close();
  }

  const Behaviour behaviour_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, loopback(0)};
  const std::uint16_t port_ = acceptor_.local_endpoint().port();
  std::atomic<std::size_t> asked_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  bool stopping_ = false;                        // guarded by mutex_
  std::vector<std::shared_ptr<RawPeer>> peers_;  // guarded by mutex_
  std::vector<std::thread> conversations_;
};

/// Behaves as a healthy projector that has nothing, and leaves questions to `on_ask`.
inline RawProjector::Behaviour healthy(std::function<bool(RawPeer&, const Ask&)> on_ask,
                                       Health health = {.ready = true}) {
  return [on_ask = std::move(on_ask), health = std::move(health)](RawPeer& peer,
                                                                  const Request& request) {
    if (std::holds_alternative<Hello>(request)) peer.send(frame_of(Response(Welcome{})));
    if (const auto* ping = std::get_if<Ping>(&request))
      peer.send(frame_of(Response(Pong{ping->number, health})));
    const auto* ask = std::get_if<Ask>(&request);
    return ask == nullptr || on_ask(peer, *ask);
  };
}

}  // namespace boxoffice::projections::transport
