#pragma once

#include <unordered_set>

#include "projections/transport/frame_socket.hpp"
#include "projections/transport/messages.hpp"
#include "projections/transport/remote_desk.hpp"

/// Internal to transport/: the way to one projector, which is opened again whenever it breaks. All
/// of it runs on its io_context's thread.
namespace boxoffice::projections::transport {

class Link : public std::enable_shared_from_this<Link> {
 public:
  using Clock = std::chrono::steady_clock;
  using Endpoint = boost::asio::ip::tcp::endpoint;
  using Numbers = std::unordered_set<std::uint64_t>;

  /// Who is told what becomes of questions, and that something else has changed.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void answered(std::uint64_t number, std::expected<Answer, NoAnswer> answer) = 0;
    virtual void lost(const Numbers& asked) = 0;
    virtual void changed() = 0;
  };

  /// All must outlive it.
  Link(boost::asio::io_context& context, Endpoint endpoint, const RemoteDeskSettings& settings,
       Owner& owner);

  void open();
  /// For good.
  void close();

  void ask(std::uint64_t number, std::string frame);
  /// Nobody waits for it any longer.
  void forget(std::uint64_t number) { asked_.erase(number); }

  bool is_open() const { return is_welcome_; }
  /// Whether it may be asked.
  bool is_ready() const { return is_welcome_ && health_ && health_->ready; }
  std::size_t under_way() const { return asked_.size(); }
  std::chrono::milliseconds lag() const;
  bool reached(std::span<const Position> positions) const;
  /// Why it may not be asked.
  std::string trouble() const;

 private:
  using ErrorCode = boost::system::error_code;

  void connected(FrameSocket::Socket socket);
  void retry();
  void ping();
  std::expected<void, LinkError> take(std::string_view payload);
  std::expected<void, LinkError> take(Response response);
  void ended(LinkError why);
  void failed(std::string why);

  boost::asio::io_context& context_;
  const Endpoint endpoint_;
  const RemoteDeskSettings& settings_;
  Owner& owner_;

  std::shared_ptr<FrameSocket> socket_;
  std::shared_ptr<FrameSocket::Socket> connecting_;
  boost::asio::steady_timer timer_;  // of connecting, then of reconnecting
  boost::asio::steady_timer pings_;
  std::chrono::milliseconds backoff_;
  bool is_closed_ = false;
  bool is_welcome_ = false;
  std::string why_not_ = "not reached yet";
  std::uint64_t ping_number_ = 0;
  std::optional<Health> health_;
  Clock::time_point health_at_;
  Numbers asked_;
};

}  // namespace boxoffice::projections::transport
