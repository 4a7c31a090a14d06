#include "commands/processor/processor_thread.hpp"

#include <pthread.h>

#include <algorithm>

namespace boxoffice::processor {

namespace {

// Also when nothing arrives: snapshots and saved keys are due by time.
constexpr std::chrono::milliseconds kSleepMax{1000};
/// Whether a snapshot has been written.
constexpr std::chrono::milliseconds kLook{5};
/// Without them, whoever takes over reads more events: no more than after a crash.
constexpr std::chrono::seconds kLastSnapshotsMax{5};

}  // namespace

ProcessorThread::ProcessorThread(Processor& processor, Clock clock, std::string name)
    : processor_(processor),
      clock_(std::move(clock)),
      name_(std::move(name)),
      thread_([this] { work(); }) {}

ProcessorThread::~ProcessorThread() { stop(); }

void ProcessorThread::begin_to_stop() {
  processor_.end();
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
  while (!stopping_) turn(kSleepMax);
  // Else nobody would decide for as long as it takes to write all that there is.
  const auto patience = std::chrono::steady_clock::now() + kLastSnapshotsMax;
  while (processor_.prepare_to_leave() && std::chrono::steady_clock::now() < patience) turn(kLook);
  processor_.close();
  while (processor_.waiting() > 0) processor_.step(clock_());
  processor_.leave();
}

void ProcessorThread::turn(std::chrono::milliseconds sleep_max) {
  const Processor::Progress progress = processor_.step(clock_());
  if (progress.more) return;
  auto sleep = sleep_max;
  if (progress.next)
    sleep = std::clamp(*progress.next - clock_(), std::chrono::milliseconds::zero(), sleep_max);
  processor_.wait(std::chrono::steady_clock::now() + sleep);
}

}  // namespace boxoffice::processor
