#include "event-log/kafka/key_places.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>

#include "event-log/kafka/client.hpp"
#include "rocks/database.hpp"
#include "rocks/options.hpp"

namespace boxoffice::event_log::kafka {
namespace {

// Rows, told apart by the lengths of their keys, numbers in big-endian:
//
//     "topic"                     → which topic it is
//     partition                   → known to
//     partition, hash, offset     → nothing
constexpr std::string_view kTopicRow = "topic";

template <class Number>
void put(std::string& row, Number number) {
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  row.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
Number number_at(rocksdb::Slice row, std::size_t at) {
  Number number;
  std::memcpy(&number, row.data() + at, sizeof number);
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  return number;
}

std::string known_row(Partition partition) {
  std::string row;
  put(row, partition.value);
  return row;
}

std::string hash_row(Partition partition, std::uint64_t hash) {
  std::string row = known_row(partition);
  put(row, hash);
  return row;
}

std::string offset_text(std::int64_t offset) {
  std::string text;
  put(text, static_cast<std::uint64_t>(offset));
  return text;
}

rocks::Database::Settings tuned(const std::string& directory) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = rocksdb::NewLRUCache(4u << 20);
  // In pieces that are cached one by one, so that they are bounded, too.
  blocks.cache_index_and_filter_blocks = true;
  blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  rocksdb::ColumnFamilyOptions family = rocks::family_options();
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family.compression = rocksdb::kNoCompression;  // of hashes
  // Hashes come in no order: levels would be written over and over again.
  family.compaction_style = rocksdb::kCompactionStyleUniversal;
  family.level0_file_num_compaction_trigger = 16;

  rocks::Database::Settings tuned{.directory = directory,
                                  .options = rocks::database_options(),
                                  .family = [=](const std::string&) { return family; },
                                  .flush_bytes = 8u << 20};
  tuned.options.max_background_jobs = 1;
  tuned.options.max_open_files = 64;
  return tuned;
}

}  // namespace

struct KeyPlaces::Rows {
  rocksdb::DB& db() const { return family->database().rows(); }
  rocksdb::ColumnFamilyHandle* table() const { return family->handle(); }

  std::unexpected<LogError> error(const rocksdb::Status& status) const {
    return unavailable("where wrapped keys lie is not known: " + directory + ": " +
                       status.ToString() +
                       "; deleting that directory loses nothing, it is made from the topic again");
  }

  Result<void> write(rocksdb::WriteBatch& batch) {
    if (const auto done = family->database().write(batch); !done.ok()) return error(done);
    return {};
  }

  Result<void> belong_to(std::string_view topic) {
    std::string found;
    const auto status = db().Get({}, table(), rocksdb::Slice(kTopicRow), &found);
    if (status.ok() && found == topic) return {};
    if (!status.ok() && !status.IsNotFound()) return error(status);
    rocksdb::WriteBatch batch;
    batch.DeleteRange(table(), rocksdb::Slice(), rocksdb::Slice("\xff\xff\xff"));
    batch.Put(table(), rocksdb::Slice(kTopicRow), rocksdb::Slice(topic));
    return write(batch);
  }

  const std::string directory;
  std::shared_ptr<const rocks::Family> family;
};

std::uint64_t KeyPlaces::hash(std::string_view name) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : name) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001b3;
  }
  return hash;
}

Result<std::unique_ptr<KeyPlaces>> KeyPlaces::open(const std::string& directory,
                                                   std::string_view topic) {
  auto rows = std::make_unique<Rows>(Rows{.directory = directory, .family = nullptr});
  std::error_code ignored;  // RocksDB says what is wrong with the directory
  std::filesystem::create_directories(directory, ignored);
  auto opened = rocks::Database::open(tuned(directory));
  if (!opened) return rows->error(opened.error());
  rows->family = std::move(opened->families.front());
  if (auto done = rows->belong_to(topic); !done) return std::unexpected(done.error());
  return std::unique_ptr<KeyPlaces>(new KeyPlaces(std::move(rows)));
}

KeyPlaces::KeyPlaces(std::unique_ptr<Rows> rows) : rows_(std::move(rows)) {}

/// What an error leaves unwritten is read from the topic again.
KeyPlaces::~KeyPlaces() { rows_->family->database().flush().PermitUncheckedError(); }

Result<std::int64_t> KeyPlaces::known_to(Partition partition) const {
  std::string found;
  const auto status = rows_->db().Get({}, rows_->table(), known_row(partition), &found);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return rows_->error(status);
  return static_cast<std::int64_t>(number_at<std::uint64_t>(found, 0));
}

Result<void> KeyPlaces::add(Partition partition, std::span<Place> places, std::int64_t known_to) {
  std::ranges::sort(places);  // memtables are made for rows in order
  rocksdb::WriteBatch batch;
  batch.Put(rows_->table(), known_row(partition), offset_text(known_to));
  for (const Place& place : places)
    batch.Put(rows_->table(), hash_row(partition, place.hash) + offset_text(place.offset), {});
  return rows_->write(batch);
}

Result<void> KeyPlaces::forget(Partition partition) {
  rocksdb::WriteBatch batch;
  batch.DeleteRange(rows_->table(), known_row(partition),
                    known_row({static_cast<std::uint16_t>(partition.value + 1)}));
  return rows_->write(batch);
}

Result<std::vector<std::int64_t>> KeyPlaces::find(Partition partition, std::uint64_t hash) const {
  const std::string prefix = hash_row(partition, hash);
  std::vector<std::int64_t> offsets;
  const std::unique_ptr<rocksdb::Iterator> row(rows_->db().NewIterator({}, rows_->table()));
  for (row->Seek(prefix); row->Valid() && row->key().starts_with(prefix); row->Next())
    offsets.push_back(
        static_cast<std::int64_t>(number_at<std::uint64_t>(row->key(), prefix.size())));
  if (!row->status().ok()) return rows_->error(row->status());
  std::ranges::reverse(offsets);
  return offsets;
}

}  // namespace boxoffice::event_log::kafka
