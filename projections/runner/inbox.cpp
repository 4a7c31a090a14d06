#include "projections/runner/inbox.hpp"

#include <utility>

namespace boxoffice::projections {
namespace {

std::size_t bytes_of(const event_log::Batch& batch) {
  std::size_t bytes = 0;
  for (const event_log::CommittedEvent& event : batch.events) bytes += event.value.size();
  return bytes;
}

}  // namespace

bool Inbox::has_room_for(std::size_t events, std::size_t bytes) const {
  return events_ == 0 ||
         (events_ + events <= bounds_.events_max && bytes_ + bytes <= bounds_.bytes_max);
}

bool Inbox::due(std::size_t events) const {
  return events_ >= events || (hurried_ && events_ > 0) || !work_.empty() || missed_since_ ||
         closed_;
}

void Inbox::await(std::unique_lock<std::mutex>& lock, std::size_t events, Clock::time_point until) {
  while (!due(events)) {
    awaited_events_ = events;
    if (arrived_.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  awaited_events_.reset();
}

void Inbox::wake_if_due() {
  if (!awaited_events_ || !due(*awaited_events_)) return;
  awaited_events_.reset();
  arrived_.notify_one();
}

void Inbox::push(std::shared_ptr<const event_log::Batch> batch) {
  const std::size_t bytes = bytes_of(*batch);
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  const auto now = Clock::now();
  const std::size_t events = batch->events.size();
  // What follows something missed would have to wait for it: it is read from the log as well.
  if (missed_since_ || !has_room_for(events, bytes)) {
    if (!missed_since_) missed_since_ = now;
  } else {
    events_ += events;
    bytes_ += bytes;
    arrivals_.push_back({std::move(batch), bytes, now});
  }
  wake_if_due();
}

bool Inbox::push_work(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  work_.push_back(std::move(work));
  wake_if_due();
  return true;
}

void Inbox::hurry() {
  const std::lock_guard lock(mutex_);
  hurried_ = true;
  wake_if_due();
}

Inbox::Taken Inbox::take(std::size_t events_max, std::chrono::milliseconds patience,
                         std::chrono::milliseconds apart) {
  std::unique_lock lock(mutex_);
  await(lock, 1, Clock::now() + patience);
  if (events_ > 0) await(lock, events_max, taken_at_ + apart);

  Taken taken;
  taken.work = std::exchange(work_, {});
  if (!arrivals_.empty()) working_since_ = arrivals_.front().at;
  std::size_t events = 0;
  while (!arrivals_.empty() && events < events_max) {
    events += arrivals_.front().batch->events.size();
    bytes_ -= arrivals_.front().bytes;
    taken.batches.push_back(std::move(arrivals_.front().batch));
    arrivals_.pop_front();
  }
  events_ -= events;
  if (events > 0) {
    hurried_ = false;
    taken_at_ = Clock::now();
  }
  if (missed_since_ && arrivals_.empty()) {
    if (!working_since_) working_since_ = missed_since_;
    missed_since_.reset();
    taken.missed = true;
  }
  taken.closed = closed_ && taken.batches.empty() && taken.work.empty() && !taken.missed;
  return taken;
}

std::vector<std::function<void()>> Inbox::take_work() {
  const std::lock_guard lock(mutex_);
  return std::exchange(work_, {});
}

void Inbox::wait_closed_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  closing_.wait_for(lock, time, [&] { return closed_; });
}

void Inbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake_if_due();
  closing_.notify_all();
}

bool Inbox::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::optional<Inbox::Clock::time_point> Inbox::waiting_since() const {
  const std::lock_guard lock(mutex_);
  if (working_since_) return working_since_;
  if (!arrivals_.empty()) return arrivals_.front().at;
  return missed_since_;
}

void Inbox::working_since(Clock::time_point since) {
  const std::lock_guard lock(mutex_);
  working_since_ = since;
}

void Inbox::done() {
  const std::lock_guard lock(mutex_);
  working_since_.reset();
}

}  // namespace boxoffice::projections
