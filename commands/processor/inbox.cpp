#include "commands/processor/inbox.hpp"

namespace boxoffice::processor {

Inbox::Inbox(std::size_t submissions_max) : submissions_max_(submissions_max) {}

bool Inbox::put(Submission&& submission) {
  bool wake;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_ || waiting_.size() >= submissions_max_) return false;
    waiting_.push_back(std::move(submission));
    wake = taker_sleeps_;
    taker_sleeps_ = false;
  }
  if (wake) arrived_.notify_one();
  return true;
}

std::expected<void, RecoveryError> Inbox::take(std::vector<Submission>& into) {
  const std::scoped_lock lock(mutex_);
  into.swap(waiting_);
  return {};
}

void Inbox::wait(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  taker_sleeps_ = true;
  arrived_.wait_until(lock, until, [this] { return !waiting_.empty() || interrupted_; });
  taker_sleeps_ = false;
  interrupted_ = false;
}

void Inbox::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
  }
  arrived_.notify_one();
}

void Inbox::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
}

std::size_t Inbox::depth() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

}  // namespace boxoffice::processor
