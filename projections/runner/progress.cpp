#include "projections/runner/progress.hpp"

#include <pthread.h>

#include <algorithm>

namespace boxoffice::projections {

using schema::Partition;
using schema::Position;
using schema::Sequence;

Progress::Progress(std::uint16_t partitions, std::size_t waiting_max)
    : waiting_max_(waiting_max),
      applied_(partitions),
      by_partition_(partitions),
      deadlines_([this] { keep_deadlines(); }) {}

Progress::~Progress() {
  close();
  deadlines_.join();
}

void Progress::close() {
  std::multimap<Clock::time_point, std::shared_ptr<Waiter>> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (BySequence& waiters : by_partition_) waiters.clear();
    waiting.swap(by_deadline_);
    waiting_ = 0;
  }
  deadlines_changed_.notify_one();
  for (const auto& [deadline, waiter] : waiting) waiter->then(false);
}

Sequence Progress::applied(Partition partition) const { return {applied_[partition.value].load()}; }

bool Progress::reached(Position position) const {
  return position.partition.value < applied_.size() &&
         applied(position.partition) >= position.sequence;
}

void Progress::advance(Position position) {
  applied_[position.partition.value].store(position.sequence.value);
}

bool Progress::satisfied(Waiter& waiter) const {
  while (!waiter.missing.empty() && reached(waiter.missing.back())) waiter.missing.pop_back();
  return waiter.missing.empty();
}

void Progress::wake() {
  // A waiter counts itself before it looks at what is applied, and here it is the other way round:
  // one of the two sees the other.
  if (waiting_.load() == 0) return;
  std::vector<Then> called;
  {
    const std::lock_guard lock(mutex_);
    for (std::uint16_t partition = 0; partition < by_partition_.size(); ++partition) {
      BySequence& waiters = by_partition_[partition];
      while (!waiters.empty() && waiters.begin()->first <= applied({partition})) {
        const std::shared_ptr<Waiter> waiter = std::move(waiters.begin()->second);
        waiters.erase(waiters.begin());
        if (satisfied(*waiter)) {
          called.push_back(std::move(waiter->then));
          by_deadline_.erase(waiter->deadline);
          --waiting_;
        } else {
          const Position next = waiter->missing.back();
          by_partition_[next.partition.value].emplace(next.sequence, waiter);
        }
      }
    }
  }
  for (const Then& then : called) then(true);
}

bool Progress::when_reached(std::vector<Position> positions, Clock::time_point deadline,
                            Then then) {
  const auto waiter = std::make_shared<Waiter>(Waiter{std::move(positions), {}, {}});
  bool reached = satisfied(*waiter);
  const bool possible =
      std::all_of(waiter->missing.begin(), waiter->missing.end(),
                  [this](const Position& at) { return at.partition.value < by_partition_.size(); });
  if (!reached && possible && deadline > Clock::now()) {
    const std::lock_guard lock(mutex_);
    if (waiting_.load() < waiting_max_ && !stopping_) {
      ++waiting_;
      reached = satisfied(*waiter);
      if (!reached) {
        waiter->then = std::move(then);
        waiter->deadline = by_deadline_.emplace(deadline, waiter);
        const Position next = waiter->missing.back();
        by_partition_[next.partition.value].emplace(next.sequence, waiter);
        if (waiter->deadline == by_deadline_.begin()) deadlines_changed_.notify_one();
        return true;
      }
      --waiting_;
    }
  }
  then(reached);
  return false;
}

void Progress::forget(const std::shared_ptr<Waiter>& waiter) {
  const Position missing = waiter->missing.back();
  BySequence& waiters = by_partition_[missing.partition.value];
  auto [from, to] = waiters.equal_range(missing.sequence);
  const auto found =
      std::find_if(from, to, [&](const auto& entry) { return entry.second == waiter; });
  waiters.erase(found);
  --waiting_;
}

void Progress::keep_deadlines() {
  pthread_setname_np(pthread_self(), "read-deadlines");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (by_deadline_.empty()) {
      deadlines_changed_.wait(lock);
      continue;
    }
    const Clock::time_point earliest = by_deadline_.begin()->first;
    if (Clock::now() < earliest) {
      deadlines_changed_.wait_until(lock, earliest);
      continue;
    }
    const std::shared_ptr<Waiter> late = std::move(by_deadline_.begin()->second);
    by_deadline_.erase(by_deadline_.begin());
    forget(late);
    lock.unlock();
    late->then(false);
    lock.lock();
  }
}

}  // namespace boxoffice::projections
