#include "event-log/embedded/background.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace boxoffice::event_log::embedded {
namespace {

/// Those who answer have the CPU first. But an append may come to wait for this thread, so it is
/// none that runs where a core is idle alone: at this level it has a tenth of a core that others
/// keep busy.
void stand_back() {
  constexpr int kNice = 10;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

}  // namespace

Background::Background() : thread_([this] { work(); }) {}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Background::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void Background::work() {
  pthread_setname_np(pthread_self(), "log-ahead");
  stand_back();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace boxoffice::event_log::embedded
