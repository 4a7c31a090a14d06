#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>

#include "projections/store/store.hpp"
#include "rocks/database.hpp"

/// The inside of the store. Included by the store's own `.cpp` files alone.
namespace boxoffice::projections {

class Family {
 public:
  explicit Family(std::shared_ptr<const rocks::Family> rows) : rows_(std::move(rows)) {}

  rocks::Database& database() const { return rows_->database(); }
  rocksdb::ColumnFamilyHandle* handle() const { return rows_->handle(); }
  const rocks::Family& rows() const { return *rows_; }

 private:
  const std::shared_ptr<const rocks::Family> rows_;
};

class Moment {
 public:
  explicit Moment(std::shared_ptr<rocks::Database> database)
      : database(std::move(database)), snapshot(this->database->rows().GetSnapshot()) {}
  ~Moment() { database->rows().ReleaseSnapshot(snapshot); }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  std::shared_ptr<rocks::Database> database;
  const rocksdb::Snapshot* snapshot;
};

inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Of the row that says how far a table's rows have come.
std::string position_key(schema::Partition partition);

StoreError error_of(const rocksdb::Status& status, std::string_view doing);

}  // namespace boxoffice::projections
