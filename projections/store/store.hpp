#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events-schema/values.hpp"

/// Where the rows of read models are kept: one RocksDB, a column family for each model. It has no
/// log of its own; the message log is its log. What was committed but not flushed is gone after a
/// crash, and the positions with the rows: each model is then as it was at a moment of its own.
namespace boxoffice::projections {

enum class StoreErrorKind {
  unavailable,  ///< the disk is full, an I/O error; a retry may help
  corrupt,      ///< rows or events that cannot be read
  in_use,       ///< another process holds the directory
};

struct StoreError {
  StoreErrorKind kind;
  std::string message;  ///< for an operator: what, where, and what to do about it
};

template <class T>
using StoreResult = std::expected<T, StoreError>;

class Family;  // hides RocksDB's column family

/// A moment that rows are read as of, while writing goes on.
class Moment;

/// The rows of a table in the order of their keys. Views are valid until the iterator moves. Not
/// thread-safe.
class RowIterator {
 public:
  ~RowIterator();
  RowIterator(RowIterator&&) noexcept;
  RowIterator& operator=(RowIterator&&) noexcept;

  /// To the first row whose key is `key` or greater.
  void seek(std::string_view key);
  void next();
  bool valid() const;
  std::string_view key() const;
  std::string_view value() const;
  /// Whether the rows ended because there are no more, or because they cannot be read.
  StoreResult<void> status() const;

 private:
  friend class Table;
  struct Impl;
  explicit RowIterator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The rows of one version of one model. Thread-safe. It can be read as long as it is held, also
/// after another took its place.
///
/// The first byte of a row's key is 1 or more. Keys that begin with 0 are the positions: how far
/// the rows have come, by partition.
class Table {
 public:
  explicit Table(std::shared_ptr<Family> family);

  StoreResult<std::optional<std::string>> get(std::string_view key) const;
  RowIterator rows(std::shared_ptr<const Moment> as_of = nullptr) const;

  /// The last sequence that is in the rows, for each of `partitions`.
  StoreResult<std::vector<schema::Sequence>> positions(std::uint16_t partitions) const;

  const std::shared_ptr<Family>& family() const { return family_; }

 private:
  std::shared_ptr<Family> family_;
};

/// What is written at once, over any tables; in any order, as it is sorted by its keys. Not
/// thread-safe.
class Chunk {
 public:
  Chunk();
  ~Chunk();
  Chunk(Chunk&&) noexcept;
  Chunk& operator=(Chunk&&) noexcept;

  void put(const Table& table, std::string_view key, std::string_view value);
  void erase(const Table& table, std::string_view key);
  /// The row's first bytes become `head`; what follows them stays. Nothing is read for it.
  void overwrite_head(const Table& table, std::string_view key, std::string_view head);
  void put_position(const Table& table, schema::Position position);
  void clear();

  struct Impl;

 private:
  friend class Store;
  std::unique_ptr<Impl> impl_;
};

/// A model's part of a chunk.
class Rows {
 public:
  Rows(Chunk& chunk, const Table& table) : chunk_(chunk), table_(table) {}

  void put(std::string_view key, std::string_view value) { chunk_.put(table_, key, value); }
  void erase(std::string_view key) { chunk_.erase(table_, key); }
  void overwrite_head(std::string_view key, std::string_view head) {
    chunk_.overwrite_head(table_, key, head);
  }

 private:
  Chunk& chunk_;
  const Table& table_;
};

struct TableName {
  std::string model;
  int version = 1;
  bool looked_up = true;  ///< rows by their whole keys, and not only by how keys begin
};

struct StoreSettings {
  std::size_t cache_bytes = 64u << 20;  ///< of all tables together
  std::size_t flush_bytes = 16u << 20;  ///< of rows in memory, of all tables together
};

/// Thread-safe.
class Store {
 public:
  /// Opens or makes the tables of `names`. Those of other versions, and rebuilds that were never
  /// swapped in, are dropped.
  static StoreResult<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                                  std::span<const TableName> names,
                                                  const StoreSettings& settings = {});
  ~Store();

  std::shared_ptr<const Table> live(std::string_view model) const;

  /// An empty table beside the live one. REQUIRES: the model has none beside it.
  StoreResult<std::shared_ptr<const Table>> make_beside(std::string_view model);
  /// The table beside becomes the live one, in one step that a crash finds done or not done.
  StoreResult<void> swap_in(std::string_view model);
  void drop_beside(std::string_view model);

  /// All or nothing; readable when it returns. May be tried again after an error.
  StoreResult<void> commit(Chunk& chunk);
  /// Makes all that was committed survive a crash.
  StoreResult<void> flush();

  /// An error of the disk that keeps rows from being written; nullopt: there is none. Nothing that
  /// was committed is lost, and once the disk works the store goes on by itself.
  std::optional<std::string> trouble() const;

  std::shared_ptr<const Moment> moment() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::projections
