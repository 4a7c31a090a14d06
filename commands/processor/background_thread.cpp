#include "commands/processor/background_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "event-log/when_idle.hpp"

namespace boxoffice::processor {

namespace {

/// See proc(5): what the kernel counts for /proc/PID/schedstat.
BackgroundThread::Share share_of_cores() {
  std::ifstream file("/proc/thread-self/schedstat");
  std::int64_t ran = 0, waited = 0;
  file >> ran >> waited;
  return {std::chrono::nanoseconds(ran), std::chrono::nanoseconds(waited)};
}

}  // namespace

BackgroundThread::BackgroundThread() : BackgroundThread(Settings{.share = share_of_cores}) {}

BackgroundThread::BackgroundThread(Settings settings)
    : settings_(std::move(settings)),
      when_idle_([this] { work_when_idle(); }),
      relief_([this] { relieve(); }) {}

BackgroundThread::~BackgroundThread() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  when_idle_.join();
  relief_.join();
  std::unique_lock lock(mutex_);
  while (!tasks_.empty()) do_task(tasks_.begin(), lock);
}

void BackgroundThread::run(Owner owner, Task task) {
  {
    const std::scoped_lock lock(mutex_);
    tasks_.push_back({owner, std::move(task)});
  }
  changed_.notify_all();
}

void BackgroundThread::drain(Owner owner) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return !is_busy(owner); });
    const auto first = std::ranges::find(tasks_, owner, &Given::owner);
    if (first == tasks_.end()) return;
    do_task(first, lock);
  }
}

void BackgroundThread::work_when_idle() {
  pthread_setname_np(pthread_self(), "background");
  event_log::run_when_idle();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (next() == tasks_.end() || is_relieved(Clock::now())) {
      changed_.wait(lock);
      continue;
    }
    const Share before = settings_.share();
    under_way_since_ = Clock::now();
    do_task(next(), lock);
    under_way_since_.reset();
    if (has_starved(before, settings_.share())) relieved_until_ = Clock::now() + settings_.relief;
  }
}

void BackgroundThread::relieve() {
  pthread_setname_np(pthread_self(), "relief");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (next() == tasks_.end()) {
      changed_.wait(lock);
    } else if (is_relieved(Clock::now())) {
      do_task(next(), lock);
    } else {
      changed_.notify_all();  // perhaps it was relieved when it was asked
      changed_.wait_for(lock, settings_.patience);
    }
  }
}

bool BackgroundThread::has_starved(const Share& before, const Share& after) const {
  const auto waited = after.waited - before.waited;
  return waited > settings_.patience && waited > 20 * (after.ran - before.ran);
}

bool BackgroundThread::is_relieved(Clock::time_point now) const {
  return now < relieved_until_ ||
         (under_way_since_ && now - *under_way_since_ > settings_.patience);
}

bool BackgroundThread::is_busy(Owner owner) const {
  return std::ranges::find(busy_, owner) != busy_.end();
}

BackgroundThread::Queue::iterator BackgroundThread::next() {
  return std::ranges::find_if(tasks_, [this](const Given& given) { return !is_busy(given.owner); });
}

void BackgroundThread::do_task(Queue::iterator which, std::unique_lock<std::mutex>& lock) {
  const Owner owner = which->owner;
  busy_.push_back(owner);
  {
    Task task = std::move(which->task);
    tasks_.erase(which);
    lock.unlock();
    task();
  }  // what the task held is gone before it counts as done
  lock.lock();
  std::erase(busy_, owner);
  changed_.notify_all();
}

}  // namespace boxoffice::processor
