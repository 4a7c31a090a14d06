#include "projections/transport/query_server.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <unordered_set>

#include "journal/journal.hpp"
#include "projections/transport/frame_socket.hpp"

namespace boxoffice::projections::transport {
namespace {

using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kWaitMax{60'000};
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::uint16_t kLimitMax = 500;

/// Whether it is a look-up in memory.
bool is_looked_up(const Question& question) {
  return std::holds_alternative<OccasionById>(question) ||
         std::holds_alternative<AvailabilityById>(question) ||
         std::holds_alternative<KeyById>(question) || std::holds_alternative<Arrival>(question);
}

/// Pages have an end.
bool is_bounded(const Question& question) {
  return std::visit(
      [](const auto& asked) {
        if constexpr (requires { asked.limit; })
          return asked.limit >= 1 && asked.limit <= kLimitMax;
        else
          return true;
      },
      question);
}

std::string frame_within_bounds(Answered answered) {
  const std::uint64_t number = answered.number;
  std::string frame = frame_of(Response(std::move(answered)));
  if (frame.size() <= kResponseBytesMax) return frame;
  return frame_of(Response(Unanswered{number, NoAnswer::unavailable}));
}

std::string frame_of_answer(std::uint64_t number, std::expected<Answer, NoAnswer> answer) {
  if (!answer) return frame_of(Response(Unanswered{number, answer.error()}));
  return frame_within_bounds({number, *std::move(answer)});
}

}  // namespace

/// Lives as long as an answer is under way, also when the server is gone.
struct QueryServer::Parts : std::enable_shared_from_this<Parts> {
  class Connection;

  Parts(QueryServerSettings given, Desk& asked, std::function<Health()> told)
      : settings(std::move(given)), desk(asked), health(std::move(told)) {}

  void accept();
  void adopt(tcp::socket socket);

  const QueryServerSettings settings;
  Desk& desk;
  const std::function<Health()> health;

  boost::asio::io_context context{1};
  tcp::acceptor acceptor{context};
  boost::asio::steady_timer pause{context};
  std::thread thread;
  std::uint16_t port = 0;
  std::atomic<std::size_t> connection_count = 0;
  std::atomic<std::uint32_t> under_way = 0;

  // the thread's own:
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool stopping = false;
};

/// One gateway.
class QueryServer::Parts::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Parts& parts, tcp::socket socket)
      : parts_(parts),
        socket_(std::make_shared<FrameSocket>(
            std::move(socket), SocketBounds{.frame_bytes_max = kRequestBytesMax,
                                            .unsent_bytes_max = parts.settings.unsent_bytes_max,
                                            .silence_max = parts.settings.silence_max,
                                            .write_timeout = parts.settings.write_timeout})) {}

  void start() {
    const auto weak = weak_from_this();
    socket_->start(
        [weak](std::string_view payload) -> std::expected<void, LinkError> {
          const auto self = weak.lock();
          return self ? self->take(payload) : std::unexpected(LinkError::peer_gone);
        },
        [weak](LinkError why) {
          if (const auto self = weak.lock()) self->ended(why);
        });
  }
  void close() { socket_->close(); }

 private:
  std::expected<void, LinkError> take(std::string_view payload) {
    auto request = request_from(payload);
    if (!request) return std::unexpected(LinkError::frame_malformed);
    if (const auto* hello = std::get_if<Hello>(&*request)) return greet(*hello);
    if (!is_greeted_) return std::unexpected(LinkError::frame_unexpected);
    if (const auto* ping = std::get_if<Ping>(&*request)) return pong(*ping);
    return answer(std::get<Ask>(*std::move(request)));
  }

  std::expected<void, LinkError> greet(const Hello& hello) {
    if (is_greeted_) return std::unexpected(LinkError::frame_unexpected);
    if (hello.magic != kMagic || hello.version != kVersion)
      return std::unexpected(LinkError::version_unknown);
    if (!hello.deployment.empty() && hello.deployment != parts_.settings.deployment)
      return std::unexpected(LinkError::deployment_other);
    is_greeted_ = true;
    socket_->send(frame_of(Response(Welcome{parts_.settings.deployment})));
    return {};
  }

  std::expected<void, LinkError> pong(const Ping& ping) {
    Health health = parts_.health();
    health.under_way = parts_.under_way;
    socket_->send(frame_of(Response(Pong{ping.number, std::move(health)})));
    return {};
  }

  std::expected<void, LinkError> answer(Ask asked) {
    if (!is_bounded(asked.question)) return std::unexpected(LinkError::frame_malformed);
    if (under_way_ == parts_.settings.under_way_max)
      return std::unexpected(LinkError::too_many_under_way);
    if (is_looked_up(asked.question))
      if (auto at_once = parts_.desk.at_once(asked.question, asked.at_least)) {
        socket_->send(frame_within_bounds({asked.number, *std::move(at_once)}));
        return {};
      }
    ++under_way_;
    ++parts_.under_way;
    const auto wait = std::min(std::chrono::milliseconds(asked.wait_ms), kWaitMax);
    parts_.desk.ask({.question = std::move(asked.question),
                     .at_least = std::move(asked.at_least),
                     .wait_until = std::chrono::steady_clock::now() + wait,
                     .strict = asked.strict},
                    [number = asked.number, weak = weak_from_this(),
                     parts = parts_.shared_from_this()](auto answer) {
                      --parts->under_way;
                      auto frame = frame_of_answer(number, std::move(answer));
                      boost::asio::post(parts->context, [weak, frame = std::move(frame)]() mutable {
                        if (const auto self = weak.lock()) self->answered(std::move(frame));
                      });
                    });
    return {};
  }

  void answered(std::string frame) {
    --under_way_;
    socket_->send(std::move(frame));
  }

  void ended(LinkError why) {
    if (why != LinkError::peer_gone) {
      journal::warning("query_connection_ended",
                       "a gateway's connection for queries ends: " + std::string(to_text(why)))
          .with("error", to_text(why));
      socket_->send(frame_of(Response(Refused{std::string(to_text(why))})));
    }
    parts_.connections.erase(shared_from_this());
    --parts_.connection_count;
  }

  Parts& parts_;
  const std::shared_ptr<FrameSocket> socket_;
  bool is_greeted_ = false;
  std::size_t under_way_ = 0;
};

void QueryServer::Parts::accept() {
  acceptor.async_accept([this](const ErrorCode& error, tcp::socket socket) {
    if (stopping) return;
    if (!error) {
      adopt(std::move(socket));
      return accept();
    }
    // Out of descriptors, most likely: trying at once would spin.
    journal::warning("query_accept_failed",
                     "accepting a connection for queries failed: " + error.message())
        .with("error", error.message());
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled && !stopping) accept();
    });
  });
}

void QueryServer::Parts::adopt(tcp::socket socket) {
  if (connections.size() >= settings.connections_max) return;  // which closes it
  const auto connection = std::make_shared<Connection>(*this, std::move(socket));
  connections.insert(connection);
  ++connection_count;
  connection->start();
}

QueryServer::QueryServer(QueryServerSettings settings, Desk& desk, std::function<Health()> health)
    : parts_(std::make_shared<Parts>(std::move(settings), desk, std::move(health))) {}

QueryServer::~QueryServer() { stop(); }

std::expected<void, std::string> QueryServer::start() {
  const QueryServerSettings& settings = parts_->settings;
  try {
    const tcp::endpoint endpoint(boost::asio::ip::make_address(settings.address), settings.port);
    parts_->acceptor = tcp::acceptor(parts_->context, endpoint, /*reuse_addr=*/true);
    parts_->port = parts_->acceptor.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    return std::unexpected(fmt::format("cannot listen on {}:{}: {}", settings.address,
                                       settings.port, error.code().message()));
  }
  parts_->accept();
  parts_->thread = std::thread([parts = parts_.get()] {
    pthread_setname_np(pthread_self(), "queries");
    parts->context.run();
  });
  return {};
}

std::uint16_t QueryServer::port() const { return parts_->port; }
std::size_t QueryServer::connections() const { return parts_->connection_count; }

void QueryServer::stop() {
  if (!parts_->thread.joinable()) return;
  boost::asio::post(parts_->context, [parts = parts_.get()] {
    parts->stopping = true;
    ErrorCode ignored;  // it ends in any case
    parts->acceptor.close(ignored);
    parts->pause.cancel();
    for (const auto& connection : parts->connections) connection->close();
    parts->connections.clear();
    parts->connection_count = 0;
    // Answers that still come find nobody.
    parts->context.stop();
  });
  parts_->thread.join();
}

}  // namespace boxoffice::projections::transport
