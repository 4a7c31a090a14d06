#include "app/processor/held_partitions.hpp"

#include <algorithm>

#include "app/serve/deciding_lines.hpp"
#include "app/serve/engine.hpp"
#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

constexpr std::size_t kCommandsAtOnce = 4096;

std::string in_words(schema::Partition partition) {
  return "partition " + std::to_string(partition.value);
}

}  // namespace

/// Members stand in the order in which they depend on each other.
struct HeldPartitions::Held {
  std::unique_ptr<processor::DiskKeys> keys;
  std::unique_ptr<processor::TravellingKeys> travelling;
  std::unique_ptr<processor::TopicArrivals> arrivals;
  const event_log::CommandSource* source = nullptr;  ///< of `arrivals`
  std::unique_ptr<processor::Processor> processor;
  std::unique_ptr<processor::ProcessorThread> thread;

  processor::Processor::Status status() const {
    processor::Processor::Status status = processor->status();
    if (auto trouble = arrivals->trouble(); trouble && status.ready)
      status = {.ready = false, .reason = std::move(*trouble)};
    if (auto trouble = source->trouble(); trouble && status.ready)
      status = {.ready = false, .reason = std::move(*trouble)};
    return status;
  }

  /// What its topic has and nobody has taken waits as well.
  std::chrono::milliseconds behind(processor::Instant now) const {
    return std::max(std::chrono::milliseconds(processor->behind(now)), source->behind());
  }
};

HeldPartitions::HeldPartitions(Makings makings)
    : makings_(std::move(makings)), snapshots_(makings_.snapshots, log_in_the_way) {}

HeldPartitions::~HeldPartitions() { release_all(); }

std::unique_ptr<HeldPartitions::Held> HeldPartitions::made(schema::Partition partition) {
  processor::DiskKeysSettings key_settings = makings_.keys;
  key_settings.directory = makings_.directory / "idempotency" / std::to_string(partition.value);
  auto keys = processor::DiskKeys::open(key_settings, background_);
  if (!keys) {
    refuse_to_hold(partition, keys.error());
    return nullptr;
  }
  auto held = std::make_unique<Held>();
  held->keys = std::move(*keys);
  held->travelling = std::make_unique<processor::TravellingKeys>(
      *held->keys, makings_.decided, partition, makings_.log.deployment(), log_in_the_way);
  auto source = makings_.commands(partition);
  held->source = source.get();
  held->arrivals = std::make_unique<processor::TopicArrivals>(
      std::move(source), makings_.log.partitions(), kCommandsAtOnce,
      [partition](std::uint64_t from, std::uint64_t to, const std::string& why) {
        log_passed_over(partition, from, to - 1, why);
      });
  held->processor = std::make_unique<processor::Processor>(
      makings_.deciding,
      processor::Surroundings{.log = makings_.log,
                              .keys = *held->travelling,
                              .snapshots = snapshots_,
                              .background = background_,
                              .may_take_over =
                                  [this, partition, arrivals = held->arrivals.get()] {
                                    return makings_.may_take_over(partition, arrivals->next());
                                  },
                              .clock_trouble = makings_.clock_trouble,
                              .arrivals = held->arrivals.get(),
                              .on_taken_over = log_taken_over,
                              .on_skipped = log_skipped,
                              .on_append_failed = log_append_failed,
                              .on_let_go = log_let_go,
                              .on_take_over_failed = log_take_over_failed},
      std::vector{partition});
  held->thread = std::make_unique<processor::ProcessorThread>(
      *held->processor, wall_clock, "deciding-" + std::to_string(partition.value));
  return held;
}

/// The caller's caller may be a library's that knows no exceptions.
std::unique_ptr<HeldPartitions::Held> HeldPartitions::made_or_refused(
    schema::Partition partition) try {
  return made(partition);
} catch (const std::exception& wrong) {
  refuse_to_hold(partition, wrong.what());
  return nullptr;
}

void HeldPartitions::refuse_to_hold(schema::Partition partition, std::string why) {
  const std::scoped_lock lock(mutex_);
  fault_ = in_words(partition) + ": " + std::move(why);
}

void HeldPartitions::hold(const std::vector<schema::Partition>& partitions) {
  for (const schema::Partition partition : partitions) {
    auto held = made_or_refused(partition);
    if (!held) continue;
    const std::scoped_lock lock(mutex_);
    held_.insert_or_assign(partition, std::move(held));
  }
}

void HeldPartitions::release(const std::vector<schema::Partition>& partitions) {
  std::vector<Held*> leaving;
  {
    const std::scoped_lock lock(mutex_);
    for (const schema::Partition partition : partitions) {
      auto held = held_.extract(partition);
      if (held.empty()) continue;
      leaving.push_back(held.mapped().get());
      leaving_.push_back(std::move(held.mapped()));
    }
  }
  // All are told first, so that none waits for another's last batch and snapshot.
  for (Held* each : leaving) each->thread->begin_to_stop();
  for (Held* each : leaving) each->thread->stop();
  const std::scoped_lock lock(mutex_);
  for (Held* each : leaving) {
    processor::Stats stats = each->processor->stats();
    stats.inbox_depth = stats.keys_in_memory = stats.clock_behind_ms = 0;
    past_ = std::move(past_) + stats;
    std::erase_if(leaving_, [each](const auto& held) { return held.get() == each; });
  }
}

void HeldPartitions::release_all() { release(partitions()); }

std::optional<std::string> HeldPartitions::fault() const {
  const std::scoped_lock lock(mutex_);
  return fault_;
}

std::map<schema::Partition, std::uint64_t> HeldPartitions::next() const {
  const std::scoped_lock lock(mutex_);
  std::map<schema::Partition, std::uint64_t> next;
  for (const auto& [partition, held] : held_)
    if (const auto of_it = held->arrivals->next()) next.emplace(partition, *of_it);
  return next;
}

processor::Processor::Status HeldPartitions::status() const {
  const std::scoped_lock lock(mutex_);
  if (fault_) return {.ready = false, .reason = *fault_, .retry_helps = false};
  processor::Processor::Status together{.ready = true};
  std::size_t not_ready = 0;
  for (const auto& [partition, held] : held_) {
    processor::Processor::Status status = held->status();
    const bool is_worse = together.retry_helps && !status.retry_helps;
    if (status.ready || (++not_ready > 1 && !is_worse)) continue;
    together.ready = false;
    together.retry_helps = status.retry_helps;
    together.reason = in_words(partition) + ": " + status.reason;
    if (!status.retry_helps) together.reason += "; it stays undecided until that is mended";
  }
  if (not_ready > 1) together.reason += ", and " + std::to_string(not_ready - 1) + " more";
  return together;
}

processor::Stats HeldPartitions::stats() const {
  const std::scoped_lock lock(mutex_);
  processor::Stats together = past_;
  for (const auto& [partition, held] : held_)
    together = std::move(together) + held->processor->stats();
  for (const auto& held : leaving_) together = std::move(together) + held->processor->stats();
  return together;
}

std::map<schema::Partition, std::chrono::milliseconds> HeldPartitions::behind(
    processor::Instant now) const {
  const std::scoped_lock lock(mutex_);
  std::map<schema::Partition, std::chrono::milliseconds> behind;
  for (const auto& [partition, held] : held_) behind.emplace(partition, held->behind(now));
  return behind;
}

std::vector<schema::Partition> HeldPartitions::partitions() const {
  const std::scoped_lock lock(mutex_);
  std::vector<schema::Partition> partitions;
  for (const auto& [partition, held] : held_) partitions.push_back(partition);
  return partitions;
}

}  // namespace boxoffice::app
