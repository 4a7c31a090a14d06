#include "event-log/memory/memory_log.hpp"

#include <algorithm>

#include "event-log/about.hpp"
#include "event-log/batch_rules.hpp"
#include "event-log/memory/memory_store.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace {

std::unexpected<LogError> unavailable(std::string what) {
  return std::unexpected(LogError{LogErrorKind::unavailable, "memory log: " + std::move(what)});
}

/// What a log, its writers and its cursors share. Any of them may be the last to go.
struct Shared {
  std::shared_ptr<MemoryStore> store;
  Faults faults;

  bool read_fails() const { return faults.read_fails && faults.read_fails(); }
};

class MemoryWriter final : public Writer {
 public:
  MemoryWriter(std::shared_ptr<Shared> shared, std::uint64_t id, std::vector<Partition> partitions)
      : shared_(std::move(shared)), id_(id), partitions_(std::move(partitions)) {}

  Result<void> append(std::shared_ptr<const Batch> batch) override {
    MemoryStore& store = *shared_->store;
    const std::lock_guard turn(store.turn);
    if (const auto fate = take(store, batch); !fate) return std::unexpected(fate.error());
    store.followers.notify(batch);
    return {};
  }

 private:
  Result<void> take(MemoryStore& store, const std::shared_ptr<const Batch>& batch) {
    const std::lock_guard lock(store.mutex);
    if (is_fenced(store))
      return std::unexpected(LogError{
          LogErrorKind::fenced, "memory log: another writer has taken over; take over again"});
    (void)ends_after(*batch, store.durable_ends(), partitions_);
    switch (shared_->faults.append ? shared_->faults.append(*batch) : AppendFate::committed) {
      case AppendFate::committed:
        store.store(*batch);
        return {};
      case AppendFate::hidden:
        store.hide(*batch);
        store.store(*batch);
        return {};
      case AppendFate::refused:
        return unavailable("refused by the fault plan");
      case AppendFate::in_doubt:
        store.in_doubt.push_back(batch);
        for (const Partition partition : partitions_) store.kept[partition.value].owner = 0;
        return unavailable("the fault plan leaves the outcome open; take over again");
      case AppendFate::crash_before:
        throw Crash{};
      case AppendFate::crash_after:
        store.store(*batch);
        throw Crash{};
    }
    broken("a fate is one of AppendFate", std::source_location::current());
  }

  bool is_fenced(const MemoryStore& store) const {
    return !std::ranges::all_of(
        partitions_, [&](Partition partition) { return store.kept[partition.value].owner == id_; });
  }

  const std::shared_ptr<Shared> shared_;
  const std::uint64_t id_;
  const std::vector<Partition> partitions_;
};

class MemoryCursor final : public Cursor {
 public:
  MemoryCursor(std::shared_ptr<Shared> shared, Position after)
      : shared_(std::move(shared)), at_(after) {}

  Result<std::span<const StoredEvent>> read(std::size_t bytes_max) override {
    if (shared_->read_fails()) return unavailable("reading fails by the fault plan");
    const std::lock_guard lock(shared_->store->mutex);
    const KeptPartition& partition = shared_->store->kept[at_.partition.value];
    read_.clear();
    std::size_t bytes = 0;
    while (at_.sequence.value < partition.visible) {
      const KeptEvent& event = partition.events[at_.sequence.value];
      bytes += event.value().size();
      if (bytes > bytes_max && !read_.empty()) break;
      at_.sequence = at_.sequence.next();
      read_.push_back({.topic = event.topic, .position = at_, .value = event.value()});
    }
    return std::span<const StoredEvent>(read_);
  }

 private:
  const std::shared_ptr<Shared> shared_;
  Position at_;
  std::vector<StoredEvent> read_;
};

class MemoryLog final : public Log {
 public:
  MemoryLog(std::shared_ptr<MemoryStore> store, Faults faults)
      : shared_(std::make_shared<Shared>(std::move(store), std::move(faults))),
        store_(*shared_->store) {}

  std::uint16_t partitions() const override { return std::uint16_t(store_.kept.size()); }
  std::string_view deployment() const override { return store_.deployment; }

  Result<std::unique_ptr<Writer>> take_over(std::span<const Partition> partitions) override {
    const std::lock_guard turn(store_.turn);
    if (shared_->faults.take_over_fails && shared_->faults.take_over_fails())
      return unavailable("taking over fails by the fault plan");
    std::vector<std::shared_ptr<const Batch>> settled;
    std::uint64_t id = 0;
    {
      const std::lock_guard lock(store_.mutex);
      settled = settle(partitions);
      id = ++store_.last_writer;
      for (const Partition partition : partitions) {
        require(partition.value < store_.kept.size(), "a writer takes over partitions of the log");
        store_.kept[partition.value].owner = id;
        store_.show(store_.kept[partition.value]);
      }
    }
    for (const auto& batch : settled) store_.followers.notify(batch);
    return std::make_unique<MemoryWriter>(
        shared_, id, std::vector<Partition>(partitions.begin(), partitions.end()));
  }

  Sequence end(Partition partition) const override {
    require(partition.value < store_.kept.size(), "a partition is one of the log's");
    const std::lock_guard lock(store_.mutex);
    return store_.end(partition);
  }

  std::unique_ptr<Cursor> read_after(Position after) override {
    require(after.partition.value < store_.kept.size(), "a partition is one of the log's");
    return std::make_unique<MemoryCursor>(shared_, after);
  }

  Result<std::optional<std::string>> at(Position position) override {
    require(position.partition.value < store_.kept.size(), "a partition is one of the log's");
    if (shared_->read_fails()) return unavailable("reading fails by the fault plan");
    const std::lock_guard lock(store_.mutex);
    if (position.sequence.value == 0 || position.sequence > store_.end(position.partition))
      return std::nullopt;
    const KeptPartition& partition = store_.kept[position.partition.value];
    const std::string_view value = partition.events[position.sequence.value - 1].value();
    std::string copy;
    copy.reserve(value.size() + schema::kPadding);
    copy.append(value);
    return copy;
  }

  Result<std::optional<std::string>> key(Partition partition, std::string_view name) override {
    require(partition.value < store_.kept.size(), "a partition is one of the log's");
    if (shared_->read_fails()) return unavailable("reading fails by the fault plan");
    const std::lock_guard lock(store_.mutex);
    const auto& keys = store_.kept[partition.value].keys;
    const auto found = keys.find(name);
    return found == keys.end() ? std::nullopt : std::optional(found->second);
  }

  Result<void> read_keys(const KeyVisitor& visit) override {
    if (shared_->read_fails()) return unavailable("reading fails by the fault plan");
    for (const KeyRecord& key : all_keys())
      if (!visit(key)) break;
    return {};
  }

  std::shared_ptr<void> follow(Follower follower) override {
    return store_.followers.add(std::move(follower));
  }

 private:
  std::vector<KeyRecord> all_keys() const {
    const std::lock_guard lock(store_.mutex);
    std::vector<KeyRecord> keys;
    for (std::uint16_t i = 0; i < store_.kept.size(); ++i)
      for (const auto& [name, value] : store_.kept[i].keys)
        if (!is_about_the_log(name)) keys.push_back({{i}, name, value});
    return keys;
  }

  /// Decides what was in doubt in these partitions, and returns what turned out committed. An
  /// undecided transaction blocks its partitions, so that their ends are still what they were when
  /// it was appended.
  std::vector<std::shared_ptr<const Batch>> settle(std::span<const Partition> partitions) {
    std::vector<std::shared_ptr<const Batch>> committed;
    const auto concerned = [&](const std::shared_ptr<const Batch>& batch) {
      const auto taken = [&](Partition partition) {
        return std::ranges::find(partitions, partition) != partitions.end();
      };
      return std::ranges::any_of(
                 batch->events, taken,
                 [](const auto& event) { return event.envelope.position.partition; }) ||
             std::ranges::any_of(batch->keys, taken, &KeyRecord::partition);
    };
    std::erase_if(store_.in_doubt, [&](const std::shared_ptr<const Batch>& batch) {
      if (!concerned(batch)) return false;
      if (!shared_->faults.settle || shared_->faults.settle(*batch)) {
        store_.store(*batch);
        committed.push_back(batch);
      }
      return true;
    });
    return committed;
  }

  const std::shared_ptr<Shared> shared_;
  MemoryStore& store_;
};

}  // namespace

std::unique_ptr<Log> open_memory(std::shared_ptr<MemoryStore> store, Faults faults) {
  return std::make_unique<MemoryLog>(std::move(store), std::move(faults));
}

}  // namespace boxoffice::event_log
