#include "commands/processor/background_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "event-log/when_idle.hpp"

namespace boxoffice::processor {

BackgroundThread::BackgroundThread() : thread_([this] { work(); }) {}

BackgroundThread::~BackgroundThread() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
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

void BackgroundThread::work() {
  pthread_setname_np(pthread_self(), "background");
  event_log::run_when_idle();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return next() != tasks_.end() || (stopping_ && tasks_.empty()); });
    if (tasks_.empty()) return;
    do_task(next(), lock);
  }
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
