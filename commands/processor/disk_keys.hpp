#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "commands/processor/background.hpp"
#include "commands/processor/key_filter.hpp"
#include "commands/processor/recent_keys.hpp"

namespace boxoffice::processor {

struct DiskKeysSettings {
  std::filesystem::path directory;
  std::chrono::milliseconds window = std::chrono::hours(24);
  std::uint64_t keys_max = 256u << 20;      ///< on disk; some 12 GB
  std::size_t unsaved_keys_max = 4u << 20;  ///< not on disk yet
  std::size_t save_keys = 1u << 16;         ///< so many committed ones are worth a save
  std::chrono::milliseconds save_interval = std::chrono::seconds(10);
  std::chrono::milliseconds save_again_after = std::chrono::milliseconds(500);  ///< what failed
  std::size_t generation_slots = 1u << 18;                                      ///< 8 MB
  std::size_t generations_max = 6;                ///< in memory, once saved
  std::size_t filter_generation_keys = 4u << 20;  ///< 6 MB
  std::size_t filter_generations_max = 16;        ///< in memory
  std::size_t filter_slice_keys = 1u << 16;       ///< read at a time while it is made
};

/// For each of so many memories, which together take what one would, but for the tables that a busy
/// one is in need of.
DiskKeysSettings share_of(DiskKeysSettings all, std::size_t memories);

/// The last keys in memory, all of the window's on disk (RocksDB without a WAL: the log is its
/// WAL), and a filter by which a new key is known as new without a look at the disk.
///
/// Committed keys are saved in the background together with the positions up to which they are
/// complete, so that a restart reads only the end of the log. What cannot be saved is kept, and
/// saved when the disk is well again. Beyond its bounds `has_room` is false until then, or until
/// the window has moved on.
class DiskKeys final : public KeyMemory {
 public:
  /// Opens or makes `directory`; the error is a sentence for an operator. `background` must outlive
  /// the result.
  static std::expected<std::unique_ptr<DiskKeys>, std::string> open(DiskKeysSettings settings,
                                                                    Background& background);
  ~DiskKeys() override;

  void restart() override;
  schema::Sequence known_through(schema::Partition partition) override;
  std::expected<std::optional<BoundKey>, std::string> find(const schema::CommandId& id) override;
  void prefetch(const schema::CommandId& id) const override;
  bool has_room(schema::Instant now) override;
  void remember(const BoundKey& key, schema::Instant decided) override;
  void committed(std::span<const schema::Position> through, schema::Instant now) override;
  void save(schema::Instant now) override;
  std::size_t size() const override;

  /// How often the disk was asked for a key so far.
  std::uint64_t looks_at_disk() const { return looks_at_disk_; }

  /// The error of the disk that keeps keys from being saved; nullopt: there is none. Thread-safe.
  std::optional<std::string> trouble() const;

 private:
  class Store;
  struct Loading;
  struct Decided {
    BoundKey key;
    schema::Instant decided;
  };

  DiskKeys(DiskKeysSettings settings, Background& background, std::unique_ptr<Store> store);
  void load();
  void begin_loading_filter();
  void give_up_loading();
  void load_slice(std::shared_ptr<Loading> loading);
  void take_loaded_filter();
  void begin_save(schema::Instant now);
  void save_again(schema::Instant now);
  void drop_old(schema::Instant now);
  void run_save();
  void note_saved();
  void save_lot();

  const DiskKeysSettings settings_;
  Background& background_;
  std::unique_ptr<Store> store_;

  RecentKeys recent_;
  KeyFilter filter_;
  std::vector<Decided> uncommitted_;
  std::vector<Decided> unsaved_;
  std::vector<schema::Position> unsaved_through_;
  schema::Instant saved_at_{};

  /// What is being saved; the background's while `saving_` is `under_way`, else the owner's. One
  /// that failed is tried again: a later one must not claim positions beyond the hole.
  struct Lot {
    std::vector<Decided> keys;
    std::vector<schema::Position> through;
    std::uint64_t ordinal = 0;
    schema::Instant horizon{};
    bool saved = false;
  };
  Lot lot_;
  enum class Saving { idle, under_way, failed };
  std::atomic<Saving> saving_{Saving::idle};
  std::atomic<std::uint64_t> on_disk_{0};
  std::uint64_t looks_at_disk_ = 0;
  /// What saves that are done have reached: the first so many insertions, and by partition.
  std::uint64_t saved_ordinal_ = 0;
  std::vector<schema::Position> saved_through_;
  std::chrono::steady_clock::time_point tried_at_{};  // to save, the last time
  schema::Instant dropped_at_{};  // what is old, the last time that it was tried
  std::atomic<bool> dropping_{false};
  std::atomic<bool> stopping_{false};
  /// Whether some keys are on disk alone.
  bool disk_holds_more_ = false;

  std::shared_ptr<Loading> loading_;
  /// Whether all that is on disk alone is in the filter, or was before it gave a generation up.
  bool filtered_ = false;
  schema::Instant horizon_ = schema::Instant::min();  ///< of the window, as of the last commit
};

}  // namespace boxoffice::processor
