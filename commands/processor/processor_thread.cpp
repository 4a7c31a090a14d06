#include "commands/processor/processor_thread.hpp"

#include <pthread.h>

#include <algorithm>

namespace boxoffice::processor {

namespace {

// Also when nothing arrives: snapshots and saved keys are due by time.
constexpr std::chrono::milliseconds kSleepMax{1000};

}  // namespace

ProcessorThread::ProcessorThread(Processor& processor, Clock clock, std::string name)
    : processor_(processor),
      clock_(std::move(clock)),
      name_(std::move(name)),
      thread_([this] { work(); }) {}

ProcessorThread::~ProcessorThread() { stop(); }

void ProcessorThread::begin_to_stop() {
  processor_.close();
  stopping_ = true;
  processor_.interrupt();
}

void ProcessorThread::stop() {
  if (!thread_.joinable()) return;
  begin_to_stop();
  thread_.join();
}

void ProcessorThread::work() {
  pthread_setname_np(pthread_self(), name_.c_str());
  while (!stopping_) {
    const Processor::Progress progress = processor_.step(clock_());
    if (progress.more) continue;
    auto sleep = kSleepMax;
    if (progress.next)
      sleep = std::clamp(*progress.next - clock_(), std::chrono::milliseconds::zero(), kSleepMax);
    processor_.wait(std::chrono::steady_clock::now() + sleep);
  }
  while (processor_.waiting() > 0) processor_.step(clock_());
  processor_.snapshot_all();
}

}  // namespace boxoffice::processor
