#include "projections/runner/runner.hpp"

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

}  // namespace

Runner::Runner(event_log::Log& log, Store& store, Fold fold, Progress& progress,
               const Settings& settings)
    : log_(log),
      store_(store),
      progress_(progress),
      settings_(settings),
      ends_at_opening_(ends_of(log)),
      fold_(std::move(fold)),
      cursors_(log),
      inbox_(settings.inbox_events_max) {
  for (std::uint16_t partition = 0; partition < log_.partitions(); ++partition)
    progress_.advance({{partition}, fold_.folded({partition})});
}

Runner::~Runner() { stop(); }

void Runner::start() {
  const std::lock_guard lock(work_mutex_);
  event_log::require(!thread_.joinable() && !inbox_.closed(), "a runner is started once");
  following_ = log_.follow(
      [this](const std::shared_ptr<const event_log::Batch>& batch) { inbox_.push(batch); });
  thread_ = std::thread([this] { run(); });
}

StoreResult<void> Runner::apply_all() {
  const std::lock_guard lock(work_mutex_);
  event_log::require(!thread_.joinable(), "one thread applies events");
  auto done = catch_up_once();
  inbox_.done();
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

void Runner::stop() {
  following_.reset();
  inbox_.close();
  const std::lock_guard lock(work_mutex_);
  if (thread_.joinable()) thread_.join();
}

void Runner::run() {
  catch_up();
  inbox_.done();
  while (step()) continue;
  // Nobody waits for work that would never be done.
  for (const auto& work : inbox_.take_work()) work();
}

bool Runner::step() {
  const Inbox::Taken taken = inbox_.take(kChunkEvents);
  for (const auto& work : taken.work) work();
  for (const auto& batch : taken.batches) apply(*batch);
  if (taken.closed || !commit()) return false;
  if (taken.missed) catch_up();
  inbox_.done();
  return true;
}

void Runner::apply(const event_log::Batch& batch) {
  for (const event_log::CommittedEvent& event : batch.events) {
    const auto [partition, sequence] = event.envelope.position;
    while (sequence > fold_.folded(partition).next()) {
      catch_up();
      if (sequence <= fold_.folded(partition).next()) break;
      report("the log does not show yet what comes before " +
             schema::to_text(event.envelope.position));
      inbox_.wait_closed_for(settings_.retry_after);
      if (inbox_.closed()) return;
    }
    if (sequence <= fold_.folded(partition)) continue;  // a cursor was faster
    fold_.add(logged(event.envelope, event.event));
  }
}

void Runner::catch_up() {
  for (;;) {
    auto done = catch_up_once();
    if (done) return;
    report(done.error().message);
    inbox_.wait_closed_for(settings_.retry_after);
    if (inbox_.closed()) return;
  }
}

StoreResult<bool> Runner::catch_up_once() {
  const auto commit_chunk = [this](schema::Instant last) -> StoreResult<bool> {
    inbox_.working_since(since(last));
    return commit() && !inbox_.closed();
  };
  for (std::uint16_t partition = 0; partition < log_.partitions(); ++partition) {
    auto done = cursors_.run({partition}, log_.end({partition}), fold_, commit_chunk);
    if (!done || !*done) {
      commit();
      return done;
    }
  }
  return commit();
}

bool Runner::commit() {
  if (fold_.pending() == 0) return true;
  for (;;) {
    auto committed = fold_.commit();
    if (committed) break;
    report(committed.error().message);
    inbox_.wait_closed_for(settings_.retry_after);
    if (inbox_.closed()) return false;
    store_.recover();
  }
  for (std::uint16_t partition = 0; partition < log_.partitions(); ++partition) {
    const Sequence folded = fold_.folded({partition});
    if (folded != progress_.applied({partition})) progress_.advance({{partition}, folded});
  }
  report({});
  progress_.wake();
  return true;
}

void Runner::report(std::string trouble) {
  const std::lock_guard lock(mutex_);
  if (trouble.empty())
    trouble_.reset();
  else
    trouble_ = std::move(trouble);
}

std::optional<std::string> Runner::trouble() const {
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
