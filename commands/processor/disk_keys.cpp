#include "commands/processor/disk_keys.hpp"

#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace boxoffice::processor {

namespace {

using schema::Instant;
using schema::Position;

// A key's row: the command's id → this. Rows are read by the machine that wrote them or one like
// it.
struct Row {
  std::array<std::uint8_t, 8> tag;
  std::uint64_t sequence;
  std::uint32_t partition;
  std::uint32_t decided_s;
};
static_assert(sizeof(Row) == 24);

// How far a partition's keys are complete: 'p' and its number → the sequence. Ids have sixteen
// bytes, so the two are never confused.
std::string through_name(schema::Partition partition) {
  return "p" + std::to_string(partition.value);
}

std::uint32_t in_seconds(Instant instant) {
  return static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count());
}

rocksdb::Slice slice(const schema::CommandId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

// Rows older than the window go when their file is next compacted.
class OutOfWindow final : public rocksdb::CompactionFilter {
 public:
  explicit OutOfWindow(const std::atomic<std::uint32_t>& horizon_s) : horizon_s_(horizon_s) {}
  const char* Name() const override { return "boxoffice.key_window"; }
  bool Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    if (value.size() != sizeof(Row)) return false;
    Row row;
    std::memcpy(&row, value.data(), sizeof row);
    return row.decided_s < horizon_s_.load(std::memory_order_relaxed);
  }

 private:
  const std::atomic<std::uint32_t>& horizon_s_;
};

/// RocksDB's own log is not kept: it would be another file that grows, and a disk that fills up
/// while it is written ends the process (an assertion in Debian's build of 7.8).
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options options_for(const rocksdb::CompactionFilter& filter,
                             std::chrono::milliseconds window) {
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = rocksdb::NewLRUCache(8u << 20);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compaction_filter = &filter;
  options.ttl =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(window).count());
  options.write_buffer_size = 16u << 20;
  options.max_background_jobs = 1;
  options.max_open_files = 256;
  options.info_log = std::make_shared<NoLog>();
  options.avoid_flush_during_shutdown = true;
  return options;
}

}  // namespace

class DiskKeys::Store {
 public:
  static std::expected<std::unique_ptr<Store>, std::string> open(const DiskKeysSettings& settings) {
    std::error_code error;
    std::filesystem::create_directories(settings.directory, error);
    auto store = std::unique_ptr<Store>(new Store(settings.window));
    rocksdb::DB* db = nullptr;
    if (const auto status = rocksdb::DB::Open(store->options_, settings.directory.string(), &db);
        !status.ok()) {
      return std::unexpected("the idempotency keys in " + settings.directory.string() +
                             " cannot be opened: " + status.ToString() +
                             "; removing that folder loses nothing, it is made again from the log");
    }
    store->db_.reset(db);
    return store;
  }

  std::expected<std::optional<BoundKey>, std::string> find(const schema::CommandId& id) {
    rocksdb::PinnableSlice value;
    const auto status = db_->Get({}, db_->DefaultColumnFamily(), slice(id), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok() || value.size() != sizeof(Row))
      return std::unexpected("an idempotency key cannot be read: " + status.ToString());
    Row row;
    std::memcpy(&row, value.data(), sizeof row);
    return BoundKey{id, row.tag, {{static_cast<std::uint16_t>(row.partition)}, {row.sequence}}};
  }

  /// False: not all of them could be read.
  bool for_each(const std::function<void(const BoundKey&, Instant)>& visit) {
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator({}));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      if (rows->value().size() != sizeof(Row)) continue;
      schema::CommandId id;
      Row row;
      std::memcpy(id.bytes.data(), rows->key().data(), id.bytes.size());
      std::memcpy(&row, rows->value().data(), sizeof row);
      visit({id, row.tag, {{static_cast<std::uint16_t>(row.partition)}, {row.sequence}}},
            Instant(std::chrono::seconds(row.decided_s)));
    }
    return rows->status().ok();
  }

  schema::Sequence known_through(schema::Partition partition) {
    std::string value;
    if (!db_->Get({}, through_name(partition), &value).ok() ||
        value.size() != sizeof(std::uint64_t))
      return {};
    schema::Sequence sequence;
    std::memcpy(&sequence.value, value.data(), sizeof sequence.value);
    return sequence;
  }

  /// Rows first, positions last: whatever part of it a crash leaves, no position claims rows that
  /// are not there.
  bool save(std::vector<Unsaved>& keys, std::span<const Position> through, Instant horizon) {
    horizon_s_.store(in_seconds(std::max(horizon, Instant{})), std::memory_order_relaxed);
    std::ranges::stable_sort(keys, {}, [](const Unsaved& unsaved) { return unsaved.key.id; });
    rocksdb::WriteBatch batch;
    for (const Unsaved& unsaved : keys) {
      const BoundKey& key = unsaved.key;
      const Row row{key.tag, key.position.sequence.value, key.position.partition.value,
                    in_seconds(unsaved.decided)};
      batch.Put(slice(key.id), {reinterpret_cast<const char*>(&row), sizeof row});
    }
    for (const Position& position : through)
      batch.Put(through_name(position.partition),
                {reinterpret_cast<const char*>(&position.sequence.value), sizeof(std::uint64_t)});
    rocksdb::WriteOptions unlogged;
    unlogged.disableWAL = true;
    return db_->Write(unlogged, &batch).ok() && db_->Flush({}).ok();
  }

  std::uint64_t size() {
    std::uint64_t keys = 0;
    db_->GetIntProperty(rocksdb::DB::Properties::kEstimateNumKeys, &keys);
    return keys;
  }

 private:
  explicit Store(std::chrono::milliseconds window)
      : filter_(horizon_s_), options_(options_for(filter_, window)) {}

  std::atomic<std::uint32_t> horizon_s_{0};
  OutOfWindow filter_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> db_;
};

std::expected<std::unique_ptr<DiskKeys>, std::string> DiskKeys::open(DiskKeysSettings settings,
                                                                     Background& background) {
  auto store = Store::open(settings);
  if (!store) return std::unexpected(store.error());
  return std::unique_ptr<DiskKeys>(
      new DiskKeys(std::move(settings), background, std::move(*store)));
}

DiskKeys::DiskKeys(DiskKeysSettings settings, Background& background, std::unique_ptr<Store> store)
    : settings_(std::move(settings)),
      background_(background),
      store_(std::move(store)),
      recent_(settings_.generation_slots) {
  on_disk_ = store_->size();
}

DiskKeys::~DiskKeys() { background_.drain(); }

void DiskKeys::restart() {
  background_.drain();
  recent_.clear();
  uncommitted_.clear();
  unsaved_.clear();
  unsaved_through_.clear();
  lot_ = {};
  saving_ = Saving::idle;
  load();
}

void DiskKeys::load() {
  const std::size_t fit = settings_.generation_slots / 4 * 3 * settings_.generations_max;
  disk_holds_more_ = on_disk_ > fit;
  if (disk_holds_more_) return;
  const bool all = store_->for_each(
      [this](const BoundKey& key, Instant decided) { recent_.insert(key, decided); });
  // What could not be read is asked for key by key, and is an error there rather than forgotten.
  disk_holds_more_ = !all;
  saved_ordinal_ = recent_.ordinal();
}

schema::Sequence DiskKeys::known_through(schema::Partition partition) {
  return store_->known_through(partition);
}

std::expected<std::optional<BoundKey>, std::string> DiskKeys::find(const schema::CommandId& id) {
  if (auto recent = recent_.find(id)) return recent;
  if (!disk_holds_more_) return std::nullopt;
  return store_->find(id);
}

bool DiskKeys::has_room() const {
  return on_disk_.load(std::memory_order_relaxed) < settings_.keys_max &&
         uncommitted_.size() + unsaved_.size() < settings_.unsaved_keys_max;
}

void DiskKeys::remember(const BoundKey& key, Instant decided) {
  recent_.insert(key, decided);
  uncommitted_.push_back({key, decided});
}

void DiskKeys::committed(std::span<const Position> through, Instant now) {
  unsaved_.insert(unsaved_.end(), uncommitted_.begin(), uncommitted_.end());
  uncommitted_.clear();
  for (const Position& position : through) {
    const auto known =
        std::ranges::find(unsaved_through_, position.partition, &Position::partition);
    if (known == unsaved_through_.end())
      unsaved_through_.push_back(position);
    else
      *known = position;
  }
  const Saving saving = saving_.load(std::memory_order_acquire);
  if (saving == Saving::idle) saved_ordinal_ = std::max(saved_ordinal_, lot_.ordinal);
  const bool time_has_passed = now - saved_at_ >= settings_.save_interval;
  const bool worth_it =
      unsaved_.size() >= settings_.save_keys || (time_has_passed && !unsaved_through_.empty());
  if ((saving == Saving::idle && worth_it) || (saving == Saving::failed && time_has_passed))
    begin_save(now);
  if (recent_.drop_beyond(settings_.generations_max, saved_ordinal_)) disk_holds_more_ = true;
  recent_.drop_if_before(now - settings_.window);
}

void DiskKeys::begin_save(Instant now) {
  saved_at_ = now;
  if (saving_.load(std::memory_order_relaxed) == Saving::idle) {
    lot_ = {std::exchange(unsaved_, {}), std::exchange(unsaved_through_, {}), recent_.ordinal(),
            now - settings_.window};
  }
  saving_.store(Saving::under_way, std::memory_order_release);
  background_.run([this] { save_lot(); });
}

void DiskKeys::save_lot() {
  if (!store_->save(lot_.keys, lot_.through, lot_.horizon)) {
    saving_.store(Saving::failed, std::memory_order_release);
    return;
  }
  lot_.keys = {};
  on_disk_.store(std::max<std::uint64_t>(store_->size(), 1), std::memory_order_relaxed);
  saving_.store(Saving::idle, std::memory_order_release);
}

void DiskKeys::save(Instant now) {
  const Saving saving = saving_.load(std::memory_order_acquire);
  if (saving == Saving::failed || (saving == Saving::idle && !unsaved_through_.empty()))
    begin_save(now);
}

std::size_t DiskKeys::size() const { return recent_.size(); }

}  // namespace boxoffice::processor
