#include "rocks/background_env.hpp"

#include <chrono>
#include <fstream>
#include <mutex>
#include <string>

#include "rocks/steady_files.hpp"

namespace boxoffice::rocks {
namespace {

using rocksdb::Env;

/// RocksDB uses this pool, for compactions into the last level, only where it has threads: as far
/// as it is told, ours has none.
constexpr Env::Priority kInAHurry = Env::Priority::BOTTOM;

/// Whether less than a hundredth of the cores' time was idle lately; see proc(5), /proc/stat.
class Cores {
 public:
  bool are_all_busy() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - looked_at_ < kLookedAtMost) return are_busy_;
    std::uint64_t all = 0, idle = 0;
    if (!read(all, idle)) return false;
    are_busy_ = looked_at_ != decltype(looked_at_){} && (idle - idle_) * 100 < all - all_;
    looked_at_ = now;
    all_ = all;
    idle_ = idle;
    return are_busy_;
  }

 private:
  static constexpr std::chrono::milliseconds kLookedAtMost{200};  // ticks are 10 ms

  static bool read(std::uint64_t& all, std::uint64_t& idle) {
    // user nice system idle iowait irq softirq steal
    constexpr int kFields = 8, kIdle = 3, kWaitsForDisk = 4;
    std::ifstream file("/proc/stat");
    std::string name;
    file >> name;
    for (int i = 0; i < kFields; ++i) {
      std::uint64_t ticks = 0;
      file >> ticks;
      all += ticks;
      if (i == kIdle || i == kWaitsForDisk) idle += ticks;
    }
    return static_cast<bool>(file);
  }

  std::mutex mutex_;
  std::chrono::steady_clock::time_point looked_at_;
  std::uint64_t all_ = 0, idle_ = 0;
  bool are_busy_ = false;
};

}  // namespace

BackgroundEnv::BackgroundEnv(std::function<bool()> no_core_idles)
    : EnvWrapper(rocksdb::NewCompositeEnv(steady_files())),
      no_core_idles_(std::move(no_core_idles)) {
  for (const Priority pool : {Priority::HIGH, Priority::LOW})
    LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kIdle);
  EnvWrapper::SetBackgroundThreads(1, kInAHurry);
}

void BackgroundEnv::Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                             void (*unscheduled)(void*)) {
  if (priority == Priority::HIGH && no_core_idles_()) priority = kInAHurry;
  EnvWrapper::Schedule(function, argument, priority, tag, unscheduled);
}

int BackgroundEnv::UnSchedule(void* tag, Priority priority) {
  int taken = EnvWrapper::UnSchedule(tag, priority);
  if (priority == Priority::HIGH) taken += EnvWrapper::UnSchedule(tag, kInAHurry);
  return taken;
}

int BackgroundEnv::GetBackgroundThreads(Priority priority) {
  return priority == kInAHurry ? 0 : EnvWrapper::GetBackgroundThreads(priority);
}

unsigned int BackgroundEnv::GetThreadPoolQueueLen(Priority priority) const {
  unsigned int length = EnvWrapper::GetThreadPoolQueueLen(priority);
  if (priority == Priority::HIGH) length += EnvWrapper::GetThreadPoolQueueLen(kInAHurry);
  return length;
}

rocksdb::Env* background_env() {
  // Its threads may be at work until the process ends.
  static Cores& cores = *new Cores;
  static BackgroundEnv& env = *new BackgroundEnv([] { return cores.are_all_busy(); });
  return &env;
}

}  // namespace boxoffice::rocks
