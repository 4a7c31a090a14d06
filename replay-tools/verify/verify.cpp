// Two stages. Looking at an event (hash, read, canonical or not) needs no other event and is most
// of the work: threads share it, a range of events each. Judging needs all events before: whoever
// has looked at a range waits until the ranges before it are judged, then judges it. So one hot
// partition keeps all threads busy as well as sixteen do.

#include "replay-tools/verify/verify.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "replay-tools/verify/judge.hpp"
#include "replay-tools/verify/look.hpp"
#include "replay-tools/verify/stored_keys.hpp"

namespace boxoffice::replay {
namespace {

constexpr std::uint64_t kRangeEvents = 512;
/// How many events before it is judged an event's memory is fetched.
constexpr std::size_t kAhead = 12;

/// All of history in ranges, partition by partition.
class Ranges {
 public:
  explicit Ranges(const event_log::Log& log) {
    for (std::uint16_t i = 0; i < log.partitions(); ++i)
      ends_.push_back(log.end(schema::Partition{i}));
  }

  struct Numbered {
    std::uint64_t turn;  ///< from 0, in the order of judging
    Range range;
    bool is_last;  ///< of its partition
  };

  /// nullopt at the end of history. Partitions without events have no range.
  std::optional<Numbered> next() {
    while (partition_ < ends_.size() && after_ >= ends_[partition_].value) {
      ++partition_;
      after_ = 0;
    }
    if (partition_ == ends_.size()) return std::nullopt;
    const std::uint64_t end = ends_[partition_].value;
    const std::uint64_t last = std::min(after_ + kRangeEvents, end);
    const Range range{schema::Partition{static_cast<std::uint16_t>(partition_)},
                      schema::Sequence{after_}, schema::Sequence{last}};
    after_ = last;
    return Numbered{turns_++, range, last == end};
  }

 private:
  std::vector<schema::Sequence> ends_;
  std::size_t partition_ = 0;
  std::uint64_t after_ = 0;
  std::uint64_t turns_ = 0;
};

class Verification {
 public:
  Verification(event_log::Log& log, const VerifySettings& settings)
      : log_(log), settings_(settings), ranges_(log) {}

  event_log::Result<Report> run() {
    {
      std::vector<std::jthread> others;
      for (unsigned i = 1; i < settings_.threads; ++i) others.emplace_back([this] { work(); });
      work();
    }
    if (failure_) return std::unexpected(*failure_);
    if (auto judged = judge_stored_keys(log_, report_); !judged)
      return std::unexpected(judged.error());
    return std::move(report_);
  }

 private:
  void work() {
    Looker looker(log_);
    Sight sight;
    while (const auto next = take()) {
      const event_log::Result<void> looked = looker.look(next->range, sight);
      std::unique_lock lock(mutex_);
      judged_.wait(lock, [&] { return judged_turns_ == next->turn; });
      if (!looked && !failure_) failure_ = looked.error();
      if (!failure_) {
        // Nobody else has this turn: what only the judge of the turn touches needs no lock.
        lock.unlock();
        judge(*next, sight);
        lock.lock();
      }
      ++judged_turns_;
      judged_.notify_all();
    }
  }

  std::optional<Ranges::Numbered> take() {
    const std::scoped_lock lock(mutex_);
    if (failure_) return std::nullopt;
    return ranges_.next();
  }

  void judge(const Ranges::Numbered& at, const Sight& sight) {
    if (!judge_) judge_.emplace(log_, at.range.partition, settings_, report_);
    if (!judge_->is_broken_off()) {
      for (std::size_t i = 0; i < sight.count; ++i) {
        if (i + kAhead < sight.count) judge_->prefetch(sight.events[i + kAhead]);
        judge_->judge(sight.events[i]);
      }
      if (sight.unreadable) judge_->break_off(*sight.unreadable);
    }
    if (!at.is_last) return;
    judge_->finish(at.range.last);
    judge_.reset();
  }

  event_log::Log& log_;
  const VerifySettings settings_;

  std::mutex mutex_;
  std::condition_variable judged_;
  Ranges ranges_;                               // guarded by mutex_
  std::uint64_t judged_turns_ = 0;              // guarded by mutex_
  std::optional<event_log::LogError> failure_;  // guarded by mutex_

  // Of whoever's turn it is.
  Report report_;
  std::optional<PartitionJudge> judge_;
};

}  // namespace

event_log::Result<Report> verify(event_log::Log& log, const VerifySettings& settings) {
  return Verification(log, settings).run();
}

}  // namespace boxoffice::replay
