#include "app/serve/tenure.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "event-log/about.hpp"
#include "journal/journal.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::app {
namespace {

constexpr std::string_view kName = "service";
constexpr std::chrono::milliseconds kLookEvery{2000};

/// Several that share the log may claim it at a time, and fence each other.
constexpr int kClaimsMax = 5;

}  // namespace

std::string this_service() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("process {} on {} ({})", ::getpid(), host.data(), sealing::random_text());
}

event_log::KeyRecord claim_of(std::string_view holder) {
  return {event_log::kAboutPartition, std::string(kName), std::string(holder)};
}

event_log::Result<std::optional<std::string>> holder_of(event_log::Log& log) {
  return log.key(event_log::kAboutPartition, kName);
}

Tenure::Tenure(event_log::Log& log, std::string holder, std::vector<event_log::KeyRecord> also)
    : log_(log), self_(std::move(holder)) {
  if (!also.empty() || !has_it()) claim(std::move(also));
  watch_ = std::thread([this] { watch(); });
}

Tenure::~Tenure() {
  begin_to_stop();
  watch_.join();
}

void Tenure::begin_to_stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
}

/// Throws where nobody can tell: claiming what is ours would fence its owner for nothing.
bool Tenure::has_it() const {
  const auto holder = holder_of(log_);
  if (!holder)
    throw std::runtime_error("nobody can tell whose the log is: " + holder.error().message);
  return *holder == self_;
}

void Tenure::claim(std::vector<event_log::KeyRecord> also) {
  auto batch = std::make_shared<event_log::Batch>();
  batch->keys = std::move(also);
  batch->keys.push_back(claim_of(self_));
  for (int claims = 1;; ++claims) {
    const auto writer = log_.take_over(std::span(&event_log::kAboutPartition, 1));
    const auto claimed = writer ? (*writer)->append(batch) : std::unexpected(writer.error());
    if (claimed) return;
    // Who was fenced at the transaction's very end cannot tell whether it was committed.
    const bool may_be_open = writer && claimed.error().kind == event_log::LogErrorKind::unavailable;
    const bool helps = claimed.error().kind == event_log::LogErrorKind::fenced || may_be_open;
    if (helps && has_it()) return;
    if (!helps || claims == kClaimsMax)
      throw std::runtime_error("the log cannot be claimed: " + claimed.error().message);
  }
}

std::expected<void, std::string> Tenure::holds() {
  const auto asked_at = Clock::now();
  const std::scoped_lock one_look_at_a_time(looking_);
  // Whoever had to wait is answered by a look that began meanwhile, and by one that has just
  // failed: in an outage each lasts as long as its time-out, and all partitions ask.
  if (!successor() && looked_at_ < asked_at) look();
  if (const auto by = successor()) return std::unexpected("the log has been taken over by " + *by);
  if (auto why = trouble()) return std::unexpected(std::move(*why));
  return {};
}

void Tenure::look() {
  const auto begun_at = Clock::now();
  const auto holder = holder_of(log_);
  looked_at_ = holder ? begun_at : Clock::now();
  const std::scoped_lock lock(mutex_);
  trouble_ = holder ? std::nullopt : std::optional(holder.error().message);
  if (!holder || *holder == self_ || successor_) return;
  successor_ = holder->value_or("nobody: its record on the log is gone");
  journal::error("log_lost", "the log has been taken over by " + *successor_)
      .with("successor", *successor_);
}

std::optional<std::string> Tenure::successor() const {
  const std::scoped_lock lock(mutex_);
  return successor_;
}

std::optional<std::string> Tenure::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

void Tenure::watch() {
  pthread_setname_np(pthread_self(), "tenure");
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (stop_.wait_for(lock, kLookEvery, [this] { return stopping_; })) return;
    }
    if (!holds() && successor()) return;
  }
}

}  // namespace boxoffice::app
