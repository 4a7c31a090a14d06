#include "projections/desk/workers.hpp"

#include <fmt/format.h>
#include <pthread.h>

namespace boxoffice::projections {

Workers::Workers(std::string_view name, std::size_t threads, std::size_t waiting_max)
    : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this, each = fmt::format("{}-{}", name, i)] { run(each); });
}

Workers::~Workers() {
  std::deque<Task> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  posted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= waiting_max_) return false;
    waiting_.push_back(std::move(task));
  }
  posted_.notify_one();
  return true;
}

void Workers::run(const std::string& name) {
  pthread_setname_np(pthread_self(), name.c_str());
  std::unique_lock lock(mutex_);
  for (;;) {
    posted_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace boxoffice::projections
