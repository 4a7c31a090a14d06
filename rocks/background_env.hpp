#pragma once

#include <rocksdb/env.h>

#include <functional>

namespace boxoffice::rocks {

/// Where RocksDB's background work runs: flushes and compactions where a core has nothing else to
/// do (event_log::run_when_idle), but a flush that begins while none has, like everything else.
/// Whoever writes waits for it in the end, and no unprivileged thread gets out of SCHED_IDLE again.
///
/// A flush that has begun is not hurried: where others take all cores from one moment to the next,
/// it comes to an end in tens of seconds (300 rows to one for each that the others make).
class BackgroundEnv final : public rocksdb::EnvWrapper {
 public:
  /// `no_core_idles` is asked as a flush begins, on any thread.
  explicit BackgroundEnv(std::function<bool()> no_core_idles);

  const char* Name() const override { return "boxoffice.background"; }
  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*unscheduled)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  int GetBackgroundThreads(Priority priority) override;
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;

 private:
  const std::function<bool()> no_core_idles_;
};

/// Of the process; asks the kernel how busy the cores have been since it was asked before.
rocksdb::Env* background_env();

}  // namespace boxoffice::rocks
