#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <string>

#include "projections/store/store.hpp"

/// The inside of the store. Included by the store's own `.cpp` files alone.
namespace boxoffice::projections {

class Database {
 public:
  explicit Database(std::unique_ptr<rocksdb::DB> db) : db(std::move(db)) {}
  std::unique_ptr<rocksdb::DB> db;
};

/// Keeps the database open as long as somebody reads the table.
class Family {
 public:
  Family(std::shared_ptr<Database> database, rocksdb::ColumnFamilyHandle* handle)
      : database(std::move(database)), handle(handle) {}
  ~Family() { database->db->DestroyColumnFamilyHandle(handle); }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  std::shared_ptr<Database> database;
  rocksdb::ColumnFamilyHandle* handle;
};

class Moment {
 public:
  explicit Moment(std::shared_ptr<Database> database)
      : database(std::move(database)), snapshot(this->database->db->GetSnapshot()) {}
  ~Moment() { database->db->ReleaseSnapshot(snapshot); }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  std::shared_ptr<Database> database;
  const rocksdb::Snapshot* snapshot;
};

struct Chunk::Impl {
  rocksdb::WriteBatch batch;
};

inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

StoreError error_of(const rocksdb::Status& status, std::string_view doing);

}  // namespace boxoffice::projections
