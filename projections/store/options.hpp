#pragma once

#include <rocksdb/options.h>

#include "projections/store/store.hpp"

/// How RocksDB is set up. Included by the store's own `.cpp` files alone.
namespace boxoffice::projections {

/// What all tables of one database share: one cache, one budget of memtables, few background
/// threads.
class Tuning {
 public:
  explicit Tuning(const StoreSettings& settings);

  const rocksdb::DBOptions& database() const { return database_; }
  const rocksdb::ColumnFamilyOptions& family() const { return family_; }

 private:
  rocksdb::DBOptions database_;
  rocksdb::ColumnFamilyOptions family_;
};

}  // namespace boxoffice::projections
