#include "gateway/http/server.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include "gateway/http/io_thread.hpp"
#include "journal/journal.hpp"

namespace boxoffice::gateway::http {

namespace {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using ErrorCode = boost::system::error_code;

/// Connections beyond the bound that are told so; further ones are just closed.
std::size_t refusals_max(const ServerSettings& settings) {
  return std::min<std::size_t>(256, settings.connections_max / 4 + 1);
}
constexpr int kBacklog = 4096;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kAcceptFailuresToldEvery = std::chrono::seconds(10);

}  // namespace

struct Server::Parts {
  std::shared_ptr<Shared> shared;
  std::vector<std::shared_ptr<IoThread>> threads;
  std::optional<Acceptor> acceptor;  // used by the first thread alone once started
  std::optional<boost::asio::steady_timer> pause;
  std::uint64_t accepts_failed = 0;  // since it was last told
  std::chrono::steady_clock::time_point accepts_told_again_at;
  std::size_t turn = 0;
  std::uint16_t port = 0;
  bool stopping = false;  // for the first thread
  bool stopped = false;   // for the caller of stop

  void accept();
  void accepted(const ErrorCode& ec, Socket socket, IoThread& thread);
  void tell_failed_accept(const ErrorCode& ec);
};

Server::Server(ServerSettings settings, Handler handler,
               std::function<void(const Answered&)> answered)
    : parts_(std::make_unique<Parts>()) {
  parts_->shared = std::make_shared<Shared>();
  parts_->shared->settings = std::move(settings);
  if (const auto& certificate = parts_->shared->settings.certificate)
    parts_->shared->certificate = std::make_unique<CertificateInForce>(*certificate);
  parts_->shared->handler = std::move(handler);
  parts_->shared->answered = std::move(answered);
}

Server::~Server() { stop(); }

std::expected<void, std::string> Server::start() {
  const ServerSettings& settings = parts_->shared->settings;
  for (unsigned i = 0; i < std::max(1U, settings.threads); ++i) {
    parts_->threads.push_back(std::make_shared<IoThread>(parts_->shared));
  }
  boost::asio::io_context& context = parts_->threads.front()->context();
  parts_->pause.emplace(context);
  try {
    const boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(settings.address),
                                                  settings.port);
    parts_->acceptor.emplace(context, endpoint, /*reuse_addr=*/true);
    parts_->acceptor->listen(kBacklog);
    parts_->port = parts_->acceptor->local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    parts_->acceptor.reset();
    parts_->pause.reset();
    parts_->threads.clear();
    return std::unexpected(fmt::format("cannot listen on {}:{}: {}", settings.address,
                                       settings.port, error.code().message()));
  }
  parts_->accept();
  for (std::size_t i = 0; i < parts_->threads.size(); ++i) parts_->threads[i]->start(i);
  return {};
}

void Server::use(Certificate certificate) {
  parts_->shared->certificate->replace(std::move(certificate));
}

std::uint16_t Server::port() const { return parts_->port; }
std::size_t Server::connections() const { return parts_->shared->connections; }
std::uint64_t Server::connections_refused() const { return parts_->shared->refused; }

void Server::Parts::accept() {
  if (stopping) return;
  IoThread& thread = *threads[turn++ % threads.size()];
  acceptor->async_accept(thread.context(), [this, &thread](const ErrorCode& ec, Socket socket) {
    accepted(ec, std::move(socket), thread);
  });
}

void Server::Parts::accepted(const ErrorCode& ec, Socket socket, IoThread& thread) {
  if (stopping) return;
  if (ec) {
    // Out of descriptors, most likely: trying at once would spin.
    tell_failed_accept(ec);
    pause->expires_after(kAcceptPause);
    pause->async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled) accept();
    });
    return;
  }
  const std::size_t held = shared->connections.fetch_add(1);
  const bool refused = held >= shared->settings.connections_max;
  if (refused) ++shared->refused;
  if (held >= shared->settings.connections_max + refusals_max(shared->settings)) {
    --shared->connections;
    ErrorCode ignored;  // nobody is left to tell
    socket.close(ignored);
  } else {
    boost::asio::post(thread.context(), [&thread, refused, socket = std::move(socket)]() mutable {
      thread.adopt(std::move(socket), refused);
    });
  }
  accept();
}

// It fails as often as it is tried, for as long as the reason lasts.
void Server::Parts::tell_failed_accept(const ErrorCode& ec) {
  ++accepts_failed;
  const auto now = std::chrono::steady_clock::now();
  if (now < accepts_told_again_at) return;
  journal::warning("accept_failed", "connections could not be accepted, " +
                                        std::to_string(accepts_failed) + " times: " + ec.message())
      .with("times", accepts_failed)
      .with("error", ec.message());
  accepts_failed = 0;
  accepts_told_again_at = now + kAcceptFailuresToldEvery;
}

void Server::stop() {
  if (parts_->stopped || parts_->threads.empty()) return;
  parts_->stopped = true;
  parts_->threads.front()->post([parts = parts_.get()] {
    parts->stopping = true;
    ErrorCode ec;
    parts->acceptor->close(ec);
    parts->pause->cancel();
    // Only now: no thread may end while a connection can still be handed to it.
    for (const auto& thread : parts->threads) thread->drain();
  });
  for (const auto& thread : parts_->threads) thread->join();
}

}  // namespace boxoffice::gateway::http
