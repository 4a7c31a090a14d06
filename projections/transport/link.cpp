#include "projections/transport/link.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "journal/journal.hpp"

namespace boxoffice::projections::transport {
namespace {

constexpr std::size_t kUnsentBytesMax = 16 << 20;

std::string text_of(const Link::Endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

}  // namespace

Link::Link(boost::asio::io_context& context, Endpoint endpoint, const RemoteDeskSettings& settings,
           Owner& owner)
    : context_(context),
      endpoint_(std::move(endpoint)),
      settings_(settings),
      owner_(owner),
      timer_(context),
      pings_(context),
      backoff_(settings.reconnect_first) {}

void Link::open() {
  connecting_ = std::make_shared<FrameSocket::Socket>(context_);
  const auto tried = connecting_;
  timer_.expires_after(settings_.connect_timeout);
  timer_.async_wait([tried](const ErrorCode& error) {
    ErrorCode ignored;  // the attempt ends in any case
    if (!error) tried->close(ignored);
  });
  tried->async_connect(endpoint_, [self = shared_from_this(), tried](const ErrorCode& error) {
    if (self->is_closed_) return;
    self->timer_.cancel();
    self->connecting_.reset();
    if (!error) return self->connected(std::move(*tried));
    self->failed(error == boost::asio::error::operation_aborted ? "connecting took too long"
                                                                : error.message());
  });
}

void Link::connected(FrameSocket::Socket socket) {
  socket_ = std::make_shared<FrameSocket>(std::move(socket),
                                          SocketBounds{.frame_bytes_max = kResponseBytesMax,
                                                       .unsent_bytes_max = kUnsentBytesMax,
                                                       .silence_max = settings_.silence_max,
                                                       .write_timeout = settings_.silence_max});
  const auto weak = weak_from_this();
  socket_->start(
      [weak](std::string_view payload) -> std::expected<void, LinkError> {
        const auto self = weak.lock();
        return self ? self->take(payload) : std::unexpected(LinkError::peer_gone);
      },
      [weak](LinkError why) {
        if (const auto self = weak.lock()) self->ended(why);
      });
  socket_->send(frame_of(Request(Hello{.deployment = settings_.deployment})));
}

void Link::ping() {
  if (!is_welcome_) return;
  socket_->send(frame_of(Request(Ping{++ping_number_})));
  pings_.expires_after(settings_.ping_every);
  pings_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->ping();
  });
}

std::expected<void, LinkError> Link::take(std::string_view payload) {
  auto response = response_from(payload);
  if (!response) return std::unexpected(LinkError::frame_malformed);
  return take(std::move(*response));
}

std::expected<void, LinkError> Link::take(Response response) {
  if (auto* refused = std::get_if<Refused>(&response)) {
    why_not_ = "it refuses: " + refused->reason;
    return std::unexpected(LinkError::peer_refused);
  }
  if (const auto* welcome = std::get_if<Welcome>(&response)) {
    if (is_welcome_) return std::unexpected(LinkError::frame_unexpected);
    if (!settings_.deployment.empty() && welcome->deployment != settings_.deployment)
      return std::unexpected(LinkError::deployment_other);
    is_welcome_ = true;
    ping();
    return {};
  }
  if (!is_welcome_) return std::unexpected(LinkError::frame_unexpected);
  if (auto* pong = std::get_if<Pong>(&response)) {
    const bool was_ready = is_ready();
    health_ = std::move(pong->health);
    health_at_ = Clock::now();
    backoff_ = settings_.reconnect_first;
    if (is_ready() != was_ready)
      journal::info(
          is_ready() ? "projector_answers" : "projector_unready",
          "the projector at " + text_of(endpoint_) + (is_ready() ? " answers" : " is not ready"))
          .with("projector", text_of(endpoint_));
    owner_.changed();
    return {};
  }
  const auto hand_over = [this](std::uint64_t number, std::expected<Answer, NoAnswer> answer) {
    // Answers that nobody waits for any longer come, too.
    if (asked_.erase(number) > 0) owner_.answered(number, std::move(answer));
  };
  if (auto* answered = std::get_if<Answered>(&response))
    hand_over(answered->number, std::move(answered->answer));
  else if (const auto* unanswered = std::get_if<Unanswered>(&response))
    hand_over(unanswered->number, std::unexpected(unanswered->why));
  return {};
}

void Link::ask(std::uint64_t number, std::string frame) {
  asked_.insert(number);
  socket_->send(std::move(frame));
}

void Link::ended(LinkError why) {
  if (why != LinkError::peer_refused) why_not_ = to_text(why);
  failed(why_not_);
}

void Link::failed(std::string why) {
  if (is_ready())
    journal::warning("projector_lost",
                     "the projector at " + text_of(endpoint_) + " is lost: " + why)
        .with("projector", text_of(endpoint_))
        .with("error", why);
  why_not_ = std::move(why);
  is_welcome_ = false;
  health_.reset();
  pings_.cancel();
  retry();
  const Numbers unanswered = std::exchange(asked_, {});
  owner_.lost(unanswered);
}

void Link::retry() {
  timer_.expires_after(backoff_);
  backoff_ = std::min(backoff_ * 2, settings_.reconnect_max);
  timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error && !self->is_closed_) self->open();
  });
}

void Link::close() {
  is_closed_ = true;
  is_welcome_ = false;
  timer_.cancel();
  pings_.cancel();
  ErrorCode ignored;  // it ends in any case
  if (connecting_) connecting_->close(ignored);
  if (socket_) socket_->close();
}

std::chrono::milliseconds Link::lag() const {
  // Between two pongs it goes on as it was.
  const auto overdue = Clock::now() - health_at_ - 2 * settings_.ping_every;
  const auto more = std::max(overdue, Clock::duration::zero());
  return std::chrono::milliseconds(health_->lag_ms) +
         std::chrono::duration_cast<std::chrono::milliseconds>(more);
}

bool Link::reached(std::span<const Position> positions) const {
  return std::ranges::all_of(positions, [&](Position at) { return health_->reached(at); });
}

std::string Link::trouble() const {
  return fmt::format("{}: {}", text_of(endpoint_),
                     is_welcome_ ? "it is catching up with the log" : why_not_);
}

}  // namespace boxoffice::projections::transport
