#include "event-log/kafka/lookout.hpp"

#include <pthread.h>

#include "event-log/kafka/lane_edges.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1'000};
constexpr std::chrono::milliseconds kAnswerIn{1'000};
/// One that fails is made again at once.
constexpr std::chrono::milliseconds kUsual = kLookEvery + 2 * kAnswerIn;

}  // namespace

Lookout::Lookout(const Client& client, std::string thread)
    : client_(client), thread_([this, name = std::move(thread)] { run(name); }) {}

Lookout::~Lookout() {
  stopping_ = true;
  bell_.ring();
  thread_.join();
}

void Lookout::watch(Lane lane, Standstill& standstill, Bell& bell) {
  const std::lock_guard lock(mutex_);
  watched_.push_back({lane, &standstill, &bell});
}

void Lookout::forget(const Standstill& standstill) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watched_, [&](const Watched& each) { return each.standstill == &standstill; });
}

std::chrono::milliseconds Lookout::silence() const {
  const auto since = Clock::now() - told_at_.load();
  if (since <= kUsual) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(since);
}

void Lookout::run(const std::string& thread) {
  pthread_setname_np(pthread_self(), thread.c_str());
  while (!stopping_) {
    if (look()) (void)bell_.wait(within(kLookEvery));
  }
}

bool Lookout::look() {
  std::vector<Lane> lanes;
  {
    const std::lock_guard lock(mutex_);
    for (const Watched& each : watched_) lanes.push_back(each.lane);
  }
  if (!lanes.empty()) {
    const auto ends = edges(client_, lanes, Edge::end, within(kAnswerIn));
    if (!ends) return false;
    tell(lanes, *ends);
  }
  told_at_ = Clock::now();
  return true;
}

void Lookout::tell(const std::vector<Lane>& lanes, const std::vector<std::int64_t>& ends) {
  const std::lock_guard lock(mutex_);
  for (const Watched& each : watched_)
    for (std::size_t i = 0; i < lanes.size(); ++i)
      if (lanes[i] == each.lane && each.standstill->ends_at(ends[i])) each.bell->ring();
}

}  // namespace boxoffice::event_log::kafka
