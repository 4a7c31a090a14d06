#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// RocksDB as this program uses it: for rows that can be made again from the message log. Included
/// by adapters' `.cpp` files alone.
namespace boxoffice::rocks {

class Database;
class DiskTrouble;

/// A column family: rows that can be read as long as it is held, also once it was dropped. Keeps
/// the database open.
class Family {
 public:
  Family(std::shared_ptr<Database> database, rocksdb::ColumnFamilyHandle* handle);
  ~Family();
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  Database& database() const { return *database_; }
  rocksdb::ColumnFamilyHandle* handle() const { return handle_; }
  const std::string& name() const { return handle_->GetName(); }

 private:
  const std::shared_ptr<Database> database_;
  rocksdb::ColumnFamilyHandle* const handle_;
};
using Families = std::vector<std::shared_ptr<const Family>>;

template <class T>
using Result = std::expected<T, rocksdb::Status>;

/// An open database. It has no log: what was written survives a crash once it was flushed, which is
/// done for all families together, but for each as of a moment of its own, as soon as enough has
/// been written.
///
/// An error of the disk is never for good: while there is one nothing can be written, and what is
/// in memory stays there, readable. It goes on by itself within a second of the disk's working
/// again. Thread-safe.
class Database : public std::enable_shared_from_this<Database> {
 public:
  struct Settings {
    std::string directory;
    rocksdb::DBOptions options;  ///< from `database_options`
    /// Of the family of that name; from `family_options`.
    std::function<rocksdb::ColumnFamilyOptions(const std::string& name)> family;
    std::size_t flush_bytes = 16u << 20;  ///< of what was written; three times as many in memory
  };
  struct Opened {
    std::shared_ptr<Database> database;
    Families families;  ///< all that there are, also RocksDB's `default`
  };

  /// Opens or makes it.
  static Result<Opened> open(const Settings& settings);
  ~Database();

  /// New families, in the order of `names`. Making several at once costs the disk little more than
  /// one.
  Result<Families> make(const std::vector<std::string>& names);
  rocksdb::Status drop(const Family& family);

  /// All or nothing, and readable when it returns; may be tried again after an error. Waits where
  /// the disk does not keep up.
  rocksdb::Status write(rocksdb::WriteBatch& batch);
  /// When it returns, all that was written survives a crash.
  rocksdb::Status flush();

  /// The error of the disk that keeps it from being written; nullopt: there is none.
  std::optional<std::string> trouble() const;

  rocksdb::DB& rows() const { return *db_; }

 private:
  friend class Family;

  Database(const Settings& settings, std::shared_ptr<DiskTrouble> trouble,
           std::unique_ptr<rocksdb::DB> db);

  rocksdb::Status make_room(std::size_t bytes);
  /// False: it was refused for now, as compactions are to come first.
  bool begin_flush();
  bool all_flushed() const;
  void heal(std::stop_token stop);

  const std::function<rocksdb::ColumnFamilyOptions(const std::string& name)> family_options_;
  const std::size_t flush_bytes_;
  const std::shared_ptr<DiskTrouble> trouble_;
  const std::unique_ptr<rocksdb::DB> db_;

  mutable std::mutex families_mutex_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // guarded by families_mutex_

  std::mutex room_mutex_;
  std::size_t written_bytes_ = 0;  // since a flush began; guarded by room_mutex_
  bool flushing_ = false;          // perhaps still; guarded by room_mutex_

  std::jthread healing_;
};

}  // namespace boxoffice::rocks
