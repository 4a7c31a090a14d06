#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <stdexcept>

#include "bench/log_layout/layout.hpp"

namespace boxoffice::bench {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

std::array<char, 8> key_of(std::uint64_t sequence) {
  std::array<char, 8> key;
  for (int i = 0; i < 8; ++i)
    key[static_cast<std::size_t>(i)] = static_cast<char>(sequence >> (56 - 8 * i));
  return key;
}

class RocksFollower final : public Follower {
 public:
  RocksFollower(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) : db_(db), family_(family) {}

  std::size_t read(const Visit& visit) override {
    rocksdb::ReadOptions options;
    options.readahead_size = 1 << 20;
    const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator(options, family_));
    const auto from = key_of(next_);
    std::size_t events = 0;
    std::size_t bytes = 0;
    for (at->Seek({from.data(), from.size()}); at->Valid() && bytes < kReadBytes; at->Next()) {
      visit(at->value().ToStringView());
      bytes += at->value().size();
      ++events;
    }
    check(at->status());
    next_ += events;
    return events;
  }

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* const family_;
  std::uint64_t next_ = 1;
};

class Rocks final : public Layout {
 public:
  explicit Rocks(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    rocksdb::Options options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.compression = rocksdb::kNoCompression;
    options.recycle_log_file_num = 4;
    options.write_buffer_size = 16 << 20;
    options.db_write_buffer_size = 256 << 20;  // what opening has to read again, at most
    std::vector<rocksdb::ColumnFamilyDescriptor> families{{"default", options}};
    for (int i = 0; i < kPartitions; ++i) families.emplace_back(std::to_string(i), options);
    rocksdb::DB* db = nullptr;
    check(rocksdb::DB::Open(options, directory.string(), families, &handles_, &db));
    db_.reset(db);
  }
  ~Rocks() override {
    for (auto* const handle : handles_) (void)db_->DestroyColumnFamilyHandle(handle);
  }

  void append(const std::shared_ptr<const Batch>& batch) override {
    writes_.Clear();
    for (const auto& event : batch->events) {
      const auto [partition, sequence] = event.envelope.position;
      const auto key = key_of(sequence.value);
      check(writes_.Put(family(partition), {key.data(), key.size()}, event.value));
    }
    rocksdb::WriteOptions synced;
    synced.sync = true;
    check(db_->Write(synced, &writes_));
  }
  std::unique_ptr<Follower> follow(Partition partition) override {
    return std::make_unique<RocksFollower>(*db_, family(partition));
  }

 private:
  rocksdb::ColumnFamilyHandle* family(Partition partition) const {
    return handles_[partition.value + 1u];
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  rocksdb::WriteBatch writes_;
};

}  // namespace

std::unique_ptr<Layout> open_rocks(const std::filesystem::path& directory) {
  return std::make_unique<Rocks>(directory);
}

}  // namespace boxoffice::bench
