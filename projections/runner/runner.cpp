#include "projections/runner/runner.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <future>

#include "event-log/require.hpp"

namespace boxoffice::projections {
namespace {

using schema::Partition;
using schema::Sequence;

std::vector<Sequence> ends_of(const event_log::Log& log) {
  std::vector<Sequence> ends;
  for (std::uint16_t partition = 0; partition < log.partitions(); ++partition)
    ends.push_back(log.end({partition}));
  return ends;
}

/// When something decided at `decided` would have come in.
Inbox::Clock::time_point since(schema::Instant decided) {
  const auto age = std::chrono::system_clock::now() - decided;
  return Inbox::Clock::now() -
         std::max<std::chrono::system_clock::duration>(age, std::chrono::seconds::zero());
}

/// Read models may be a second behind; deciding and answering may not. So they have the CPU first,
/// and this thread what they leave: at this level still a third of what one of them gets.
void stand_back() {
  constexpr int kNice = 5;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

}  // namespace

Runner::Runner(event_log::Log& log, Store& store, Fold fold, Progress& progress,
               const Settings& settings)
    : log_(log),
      store_(store),
      progress_(progress),
      settings_(settings),
      ends_at_opening_(ends_of(log)),
      fold_(std::move(fold)),
      cursors_(log, settings.chunk_events_max),
      inbox_({settings.inbox_events_max, settings.inbox_bytes_max}) {
  for (std::uint16_t partition = 0; partition < log_.partitions(); ++partition)
    progress_.advance({{partition}, fold_.folded({partition})});
}

Runner::~Runner() { stop(); }

void Runner::start() {
  follow();
  const std::lock_guard lock(work_mutex_);
  thread_ = std::thread([this] { run(); });
}

void Runner::follow() {
  const std::lock_guard lock(work_mutex_);
  event_log::require(!following_ && !inbox_.closed(), "a runner is started once");
  following_ = log_.follow(
      [this](const std::shared_ptr<const event_log::Batch>& batch) { inbox_.push(batch); });
}

bool Runner::step() {
  const std::lock_guard lock(work_mutex_);
  event_log::require(!thread_.joinable(), "one thread applies events");
  constexpr auto kAtOnce = std::chrono::milliseconds::zero();
  take(inbox_.take(settings_.chunk_events_max, kAtOnce, kAtOnce));
  if (!report(apply_taken())) return false;
  inbox_.done();
  return true;
}

StoreResult<void> Runner::apply_all() {
  const std::lock_guard lock(work_mutex_);
  event_log::require(!thread_.joinable(), "one thread applies events");
  behind_ = true;
  auto done = apply_taken();
  inbox_.done();
  return done;
}

void Runner::stop() {
  following_.reset();
  inbox_.close();
  const std::lock_guard lock(work_mutex_);
  if (thread_.joinable()) thread_.join();
}

void Runner::run() {
  pthread_setname_np(pthread_self(), "projecting");
  stand_back();
  for (;;) {
    if (!report(apply_taken())) {
      inbox_.wait_closed_for(settings_.retry_after);
      if (inbox_.closed()) break;
      continue;
    }
    inbox_.done();
    if (!take(
            inbox_.take(settings_.chunk_events_max, settings_.retry_after, settings_.chunks_apart)))
      break;
  }
  // Nobody waits for work that would never be done.
  for (const auto& work : inbox_.take_work()) work();
}

bool Runner::take(Inbox::Taken taken) {
  for (const auto& work : taken.work) work();
  std::ranges::move(taken.batches, std::back_inserter(taken_));
  // What was missed may not have been readable when it was looked for, and a log whose owner died
  // may have told nobody what it took in last.
  behind_ = behind_ || taken.missed || (taken_.empty() && !at_ends());
  return !taken.closed;
}

StoreResult<void> Runner::apply_taken() {
  // What could not be committed the last time.
  if (auto committed = commit(); !committed) return committed;
  for (; !taken_.empty(); taken_.pop_front())
    if (auto applied = apply(*taken_.front()); !applied) return applied;
  if (auto committed = commit(); !committed) return committed;
  if (!behind_) return {};
  if (auto caught_up = catch_up(); !caught_up) return caught_up;
  behind_ = false;
  return {};
}

StoreResult<void> Runner::apply(const event_log::Batch& batch) {
  for (const event_log::CommittedEvent& event : batch.events) {
    const auto [partition, sequence] = event.envelope.position;
    if (sequence > fold_.folded(partition).next())
      if (auto caught_up = catch_up(); !caught_up) return caught_up;
    if (sequence > fold_.folded(partition).next())
      return std::unexpected(
          StoreError{StoreErrorKind::unavailable, "the log does not show yet what comes before " +
                                                      schema::to_text(event.envelope.position)});
    if (sequence <= fold_.folded(partition)) continue;  // a cursor was faster
    fold_.add(logged(event.envelope, event.event));
  }
  return {};
}

StoreResult<void> Runner::catch_up() {
  const auto commit_chunk = [this](schema::Instant last) -> StoreResult<bool> {
    inbox_.working_since(since(last));
    if (auto committed = commit(); !committed) return std::unexpected(committed.error());
    return !inbox_.closed();
  };
  StoreResult<bool> read = true;
  for (std::uint16_t partition = 0; partition < log_.partitions() && read && *read; ++partition)
    read = cursors_.run({partition}, log_.end({partition}), fold_, commit_chunk);
  auto committed = commit();
  if (!read) return std::unexpected(std::move(read.error()));
  return committed;
}

StoreResult<void> Runner::commit() {
  if (fold_.pending() == 0) return {};
  if (auto committed = fold_.commit(); !committed) return committed;
  for (std::uint16_t partition = 0; partition < log_.partitions(); ++partition) {
    const Sequence folded = fold_.folded({partition});
    if (folded != progress_.applied({partition})) progress_.advance({{partition}, folded});
  }
  report({});
  progress_.wake();
  return {};
}

bool Runner::report(const StoreResult<void>& outcome) {
  const std::lock_guard lock(mutex_);
  if (outcome)
    trouble_.reset();
  else
    trouble_ = outcome.error().message;
  return outcome.has_value();
}

std::optional<std::string> Runner::trouble() const {
  if (auto trouble = store_.trouble()) return trouble;
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool Runner::ready() const {
  if (ready_.load(std::memory_order_relaxed)) return true;
  for (std::uint16_t partition = 0; partition < ends_at_opening_.size(); ++partition)
    if (progress_.applied({partition}) < ends_at_opening_[partition]) return false;
  ready_ = true;
  return true;
}

bool Runner::at_ends() const {
  for (std::uint16_t partition = 0; partition < log_.partitions(); ++partition)
    if (progress_.applied({partition}) < log_.end({partition})) return false;
  return true;
}

std::chrono::milliseconds Runner::lag() const {
  const auto now = Inbox::Clock::now();
  const bool behind = !at_ends();
  std::optional<Inbox::Clock::time_point> oldest = inbox_.waiting_since();
  const std::lock_guard lock(mutex_);
  if (!behind || oldest) {
    unseen_since_.reset();
  } else {
    // What the inbox never got (the runner was not started, or has ended) is seen in the log
    // itself, from the first time on.
    if (!unseen_since_) unseen_since_ = now;
    oldest = unseen_since_;
  }
  if (!behind) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - *oldest);
}

StoreResult<void> Runner::between_chunks(const Work& work) {
  std::promise<StoreResult<void>> ended;
  const auto run_work = [&] {
    if (fold_.pending() > 0)
      ended.set_value(std::unexpected(
          StoreError{StoreErrorKind::unavailable, "the models are stuck within a chunk"}));
    else
      ended.set_value(work(fold_));
  };
  const std::lock_guard lock(work_mutex_);
  if (!thread_.joinable()) {
    run_work();
  } else if (!inbox_.push_work(run_work)) {
    return std::unexpected(StoreError{StoreErrorKind::unavailable, "the models are stopping"});
  }
  return ended.get_future().get();
}

}  // namespace boxoffice::projections
