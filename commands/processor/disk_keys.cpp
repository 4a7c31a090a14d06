#include "commands/processor/disk_keys.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <utility>

#include "rocks/database.hpp"
#include "rocks/options.hpp"

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

/// Of the positions, the one in that partition is replaced.
void put(std::vector<Position>& positions, const Position& position) {
  const auto known = std::ranges::find(positions, position.partition, &Position::partition);
  if (known == positions.end())
    positions.push_back(position);
  else
    *known = position;
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

rocks::Database::Settings tuned(const DiskKeysSettings& settings,
                                const rocksdb::CompactionFilter& filter) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.block_cache = rocksdb::NewLRUCache(8u << 20);
  // In pieces that are cached one by one, so that they are bounded, too, and a look needs few.
  blocks.cache_index_and_filter_blocks = true;
  blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  blocks.partition_filters = true;
  rocksdb::ColumnFamilyOptions family = rocks::family_options();
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family.compression = rocksdb::kNoCompression;  // of hashes
  // Keys come in no order: levels would be written over and over again, since each save has keys
  // for all of a level's files.
  family.compaction_style = rocksdb::kCompactionStyleUniversal;
  family.level0_file_num_compaction_trigger = 16;
  family.compaction_filter = &filter;
  family.ttl = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(settings.window).count());

  rocks::Database::Settings tuned{.directory = settings.directory.string(),
                                  .options = rocks::database_options(),
                                  .family = [=](const std::string&) { return family; }};
  tuned.options.max_background_jobs = 1;
  tuned.options.max_open_files = 256;
  return tuned;
}

}  // namespace

DiskKeysSettings share_of(DiskKeysSettings all, std::size_t memories) {
  if (memories <= 1) return all;
  constexpr std::size_t kSharesMax = 64;
  const std::size_t shares = std::bit_ceil(std::min(memories, kSharesMax));
  all.generation_slots /= shares;
  all.generations_max *= 4;
  all.filter_generation_keys /= shares;
  all.filter_generations_max *= 4;
  all.unsaved_keys_max /= 4;
  return all;
}

class DiskKeys::Store {
 public:
  static std::expected<std::unique_ptr<Store>, std::string> open(const DiskKeysSettings& settings) {
    std::error_code error;
    std::filesystem::create_directories(settings.directory, error);
    auto store = std::unique_ptr<Store>(new Store());
    auto opened = rocks::Database::open(tuned(settings, store->filter_));
    if (!opened) {
      return std::unexpected("the idempotency keys in " + settings.directory.string() +
                             " cannot be opened: " + opened.error().ToString() +
                             "; removing that folder loses nothing, it is made again from the log");
    }
    store->keys_ = std::move(opened->families.front());
    return store;
  }

  std::expected<std::optional<BoundKey>, std::string> find(const schema::CommandId& id) {
    rocksdb::PinnableSlice value;
    const auto status = rows().Get({}, table(), slice(id), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok() || value.size() != sizeof(Row))
      return std::unexpected("an idempotency key cannot be read: " + status.ToString());
    Row row;
    std::memcpy(&row, value.data(), sizeof row);
    return BoundKey{id, row.tag, {{static_cast<std::uint16_t>(row.partition)}, {row.sequence}}};
  }

  /// All keys as they are when it begins.
  class Walk {
   public:
    explicit Walk(Store& store) {
      rocksdb::ReadOptions once;
      once.fill_cache = false;
      row_.reset(store.rows().NewIterator(once, store.table()));
      row_->SeekToFirst();
    }

    /// nullopt at the end.
    std::optional<Decided> next() {
      for (; row_->Valid(); row_->Next()) {
        if (row_->value().size() != sizeof(Row)) continue;
        schema::CommandId id;
        Row value;
        std::memcpy(id.bytes.data(), row_->key().data(), id.bytes.size());
        std::memcpy(&value, row_->value().data(), sizeof value);
        row_->Next();
        return Decided{
            {id, value.tag, {{static_cast<std::uint16_t>(value.partition)}, {value.sequence}}},
            // Within that second, and forgotten a moment late rather than early.
            Instant(std::chrono::seconds(value.decided_s + 1))};
      }
      return std::nullopt;
    }
    /// Whether the end was that of all keys, and not an error.
    bool is_whole() const { return row_->status().ok(); }

   private:
    std::unique_ptr<rocksdb::Iterator> row_;
  };

  schema::Sequence known_through(schema::Partition partition) {
    std::string value;
    if (!rows().Get({}, table(), through_name(partition), &value).ok() ||
        value.size() != sizeof(std::uint64_t))
      return {};
    schema::Sequence sequence;
    std::memcpy(&sequence.value, value.data(), sizeof sequence.value);
    return sequence;
  }

  /// Rows first, positions last: whatever part of it a crash leaves, no position claims rows that
  /// are not there.
  bool save(std::vector<Decided>& keys, std::span<const Position> through, Instant horizon) {
    horizon_s_.store(in_seconds(std::max(horizon, Instant{})), std::memory_order_relaxed);
    std::ranges::stable_sort(keys, {}, [](const Decided& unsaved) { return unsaved.key.id; });
    rocksdb::WriteBatch batch;
    for (const Decided& unsaved : keys) {
      const BoundKey& key = unsaved.key;
      const Row row{key.tag, key.position.sequence.value, key.position.partition.value,
                    in_seconds(unsaved.decided)};
      batch.Put(table(), slice(key.id), {reinterpret_cast<const char*>(&row), sizeof row});
    }
    for (const Position& position : through)
      batch.Put(table(), through_name(position.partition),
                {reinterpret_cast<const char*>(&position.sequence.value), sizeof(std::uint64_t)});
    return database().write(batch).ok() && database().flush().ok();
  }

  /// Drops what was decided before `horizon`, wherever it is. May take minutes.
  void drop_before(Instant horizon, std::atomic<bool>& canceled) {
    horizon_s_.store(in_seconds(std::max(horizon, Instant{})), std::memory_order_relaxed);
    rocksdb::CompactRangeOptions all;
    all.exclusive_manual_compaction = false;
    all.canceled = &canceled;
    // What an error leaves is dropped the next time.
    rows().CompactRange(all, table(), nullptr, nullptr).PermitUncheckedError();
  }

  std::optional<std::string> trouble() const { return database().trouble(); }

  std::uint64_t size() {
    std::uint64_t keys = 0;
    rows().GetIntProperty(table(), rocksdb::DB::Properties::kEstimateNumKeys, &keys);
    return keys;
  }

 private:
  Store() : filter_(horizon_s_) {}

  rocks::Database& database() const { return keys_->database(); }
  rocksdb::DB& rows() const { return database().rows(); }
  rocksdb::ColumnFamilyHandle* table() const { return keys_->handle(); }

  std::atomic<std::uint32_t> horizon_s_{0};
  OutOfWindow filter_;
  std::shared_ptr<const rocks::Family> keys_;
};

/// The filter of what was on disk at a restart, made in the background: `state` is its to set.
struct DiskKeys::Loading {
  Loading(const DiskKeysSettings& settings, Store& store)
      : filter(settings.filter_generation_keys, settings.filter_generations_max), walk(store) {}

  KeyFilter filter;
  Store::Walk walk;
  enum class State { under_way, whole, broken };
  std::atomic<State> state{State::under_way};
  std::atomic<bool> given_up{false};
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
      recent_(settings_.generation_slots),
      filter_(settings_.filter_generation_keys, settings_.filter_generations_max) {
  on_disk_ = store_->size();
}

DiskKeys::~DiskKeys() {
  stopping_ = true;
  give_up_loading();
  background_.drain(this);
}

/// Waits for nothing that is under way in the background, which may take its time: a filter is of
/// no use any more, and a lot is on the log and may be saved later. Until it is known to be saved,
/// its keys are taken for such as the log has to show again.
void DiskKeys::restart() {
  give_up_loading();
  recent_.clear();
  filter_.clear();
  uncommitted_.clear();
  unsaved_.clear();
  unsaved_through_.clear();
  if (saving_.load(std::memory_order_acquire) != Saving::under_way) {
    note_saved();
    lot_ = {};
    saving_ = Saving::idle;
  }
  load();
}

void DiskKeys::load() {
  const std::size_t fit = settings_.generation_slots / 4 * 3 * settings_.generations_max;
  disk_holds_more_ = on_disk_ > fit;
  filtered_ = !disk_holds_more_;
  if (disk_holds_more_) return begin_loading_filter();
  Store::Walk walk(*store_);
  while (const auto row = walk.next()) {
    recent_.insert(row->key, row->decided);
    filter_.insert(row->key.id, row->decided);
  }
  // What could not be read is asked for key by key, and is an error there rather than forgotten.
  disk_holds_more_ = !walk.is_whole();
  filtered_ = walk.is_whole();
  saved_ordinal_ = recent_.ordinal();
}

/// Millions of keys take seconds to read, and nobody need wait for them: until then the disk is
/// asked.
void DiskKeys::begin_loading_filter() {
  loading_ = std::make_shared<Loading>(settings_, *store_);
  load_slice(loading_);
}

/// In slices, for saves and snapshots must not wait for all of it.
void DiskKeys::load_slice(std::shared_ptr<Loading> loading) {
  background_.run(this, [this, loading = std::move(loading)] {
    for (std::size_t i = 0; i < settings_.filter_slice_keys; ++i) {
      if (loading->given_up.load(std::memory_order_relaxed)) return;
      const auto row = loading->walk.next();
      if (!row) {
        loading->state.store(
            loading->walk.is_whole() ? Loading::State::whole : Loading::State::broken,
            std::memory_order_release);
        return;
      }
      loading->filter.insert(row->key.id, row->decided);
    }
    load_slice(loading);
  });
}

void DiskKeys::give_up_loading() {
  if (!loading_) return;
  loading_->given_up.store(true, std::memory_order_relaxed);
  loading_.reset();
}

void DiskKeys::take_loaded_filter() {
  const auto state = loading_->state.load(std::memory_order_acquire);
  if (state == Loading::State::under_way) return;
  filtered_ = state == Loading::State::whole;
  if (filtered_) filter_.prepend(std::move(loading_->filter));
  loading_.reset();
}

schema::Sequence DiskKeys::known_through(schema::Partition partition) {
  const auto known = std::ranges::find(saved_through_, partition, &Position::partition);
  if (known != saved_through_.end()) return known->sequence;
  return saved_through_.emplace_back(partition, store_->known_through(partition)).sequence;
}

std::expected<std::optional<BoundKey>, std::string> DiskKeys::find(const schema::CommandId& id) {
  if (filtered_ && filter_.complete(horizon_) && !filter_.may_hold(id)) return std::nullopt;
  if (auto recent = recent_.find(id)) return recent;
  if (!disk_holds_more_) return std::nullopt;
  ++looks_at_disk_;
  return store_->find(id);
}

void DiskKeys::prefetch(const schema::CommandId& id) const {
  filter_.prefetch(id);
  recent_.prefetch(id);
}

bool DiskKeys::has_room(Instant now) {
  if (on_disk_.load(std::memory_order_relaxed) < settings_.keys_max &&
      uncommitted_.size() + unsaved_.size() < settings_.unsaved_keys_max)
    return true;
  // Who is refused commits nothing, so nobody else would see whether there is room again.
  save_again(now);
  if (on_disk_.load(std::memory_order_relaxed) >= settings_.keys_max) drop_old(now);
  return false;
}

/// What has left the window goes when its file is compacted, and to no compaction leads what is
/// refused.
void DiskKeys::drop_old(Instant now) {
  if (dropping_.load(std::memory_order_acquire) || now - dropped_at_ < settings_.window / 24)
    return;
  dropped_at_ = now;
  dropping_.store(true, std::memory_order_release);
  background_.run(this, [this, horizon = now - settings_.window] {
    store_->drop_before(horizon, stopping_);
    on_disk_.store(std::max<std::uint64_t>(store_->size(), 1), std::memory_order_relaxed);
    dropping_.store(false, std::memory_order_release);
  });
}

void DiskKeys::remember(const BoundKey& key, Instant decided) {
  recent_.insert(key, decided);
  filter_.insert(key.id, decided);
  uncommitted_.push_back({key, decided});
}

void DiskKeys::committed(std::span<const Position> through, Instant now) {
  unsaved_.insert(unsaved_.end(), uncommitted_.begin(), uncommitted_.end());
  uncommitted_.clear();
  for (const Position& position : through) put(unsaved_through_, position);
  const Saving saving = saving_.load(std::memory_order_acquire);
  if (saving == Saving::idle) note_saved();
  const bool time_has_passed = now - saved_at_ >= settings_.save_interval;
  const bool worth_it =
      unsaved_.size() >= settings_.save_keys || (time_has_passed && !unsaved_through_.empty());
  if (saving == Saving::idle && worth_it) begin_save(now);
  if (saving == Saving::failed) save_again(now);
  if (recent_.drop_beyond(settings_.generations_max, saved_ordinal_)) disk_holds_more_ = true;
  horizon_ = std::max(horizon_, now - settings_.window);
  recent_.drop_if_before(horizon_);
  filter_.drop_before(horizon_);
  if (loading_) take_loaded_filter();
}

void DiskKeys::begin_save(Instant now) {
  saved_at_ = now;
  lot_ = {std::exchange(unsaved_, {}), std::exchange(unsaved_through_, {}),
          recent_.ordinal() - uncommitted_.size(), now - settings_.window};
  run_save();
}

void DiskKeys::save_again(Instant now) {
  if (std::chrono::steady_clock::now() - tried_at_ < settings_.save_again_after) return;
  const Saving saving = saving_.load(std::memory_order_acquire);
  if (saving == Saving::failed)
    run_save();
  else if (saving == Saving::idle)
    begin_save(now);
}

void DiskKeys::run_save() {
  tried_at_ = std::chrono::steady_clock::now();
  saving_.store(Saving::under_way, std::memory_order_release);
  background_.run(this, [this] { save_lot(); });
}

void DiskKeys::save_lot() {
  if (!store_->save(lot_.keys, lot_.through, lot_.horizon)) {
    saving_.store(Saving::failed, std::memory_order_release);
    return;
  }
  lot_.keys = {};
  lot_.saved = true;
  on_disk_.store(std::max<std::uint64_t>(store_->size(), 1), std::memory_order_relaxed);
  saving_.store(Saving::idle, std::memory_order_release);
}

void DiskKeys::note_saved() {
  if (!lot_.saved) return;
  saved_ordinal_ = std::max(saved_ordinal_, lot_.ordinal);
  for (const Position& position : lot_.through) put(saved_through_, position);
}

void DiskKeys::save(Instant now) {
  stopping_ = true;
  give_up_loading();
  background_.drain(this);
  if (saving_ == Saving::failed) run_save();
  background_.drain(this);
  if (saving_ == Saving::idle && !unsaved_through_.empty()) begin_save(now);
  background_.drain(this);
}

std::size_t DiskKeys::size() const { return recent_.size(); }

std::optional<std::string> DiskKeys::trouble() const { return store_->trouble(); }

}  // namespace boxoffice::processor
