#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "projections/store/database.hpp"

namespace boxoffice::projections {

/// The inside of a chunk: what is to become of rows, in the order in which it was asked for; handed
/// on in the order of keys, which costs a memtable of sorted runs next to nothing.
struct Chunk::Impl {
  enum class Change : std::uint8_t { put, erase, overwrite_head };

  void stage(const Table& table, Change change, std::string_view key, std::string_view value);
  /// Of several changes to one row only what comes of them. Valid until the next call of any
  /// function.
  rocksdb::WriteBatch& sorted();
  void clear();

 private:
  struct Staged {
    std::uint64_t key_begin;  // its first eight bytes, as a number that sorts like them
    std::uint32_t at;         // in `bytes_`: the key, then the value
    std::uint32_t key_size;
    std::uint32_t value_size;
    Change change;
  };
  struct OfTable {
    std::shared_ptr<Family> family;  // empty: free for another table
    std::vector<Staged> rows;
  };

  std::vector<Staged>& rows_of(const Table& table);
  std::string_view key(const Staged& row) const;
  std::string_view value(const Staged& row) const;
  void write_sorted(OfTable& table);
  /// REQUIRES: all are of one key, in the order in which they were asked for.
  void write_combined(rocksdb::ColumnFamilyHandle* family, std::span<const Staged> changes);
  void write(rocksdb::ColumnFamilyHandle* family, Change change, std::string_view key,
             std::string_view value);

  std::string bytes_;
  std::vector<OfTable> tables_;

  // kept for their memory
  std::string combined_;
  rocksdb::WriteBatch batch_;
};

}  // namespace boxoffice::projections
