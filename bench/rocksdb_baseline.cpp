// boxoffice_rocksdb_baseline: how fast RocksDB takes rows in unsynced batches and no more. The rows
// are those of existing databases (the read models), read into memory first. Prints the seconds
// that writing took.

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kRowsInABatch = 1000;

struct Row {
  std::size_t family;
  std::string key;
  std::string value;
};

struct Rows {
  std::vector<std::string> families;
  std::vector<Row> rows;
};

void expect(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

struct Database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;

  ~Database() {
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
  }
};

std::vector<rocksdb::ColumnFamilyDescriptor> described(const std::vector<std::string>& names) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  return families;
}

void read_rows(const std::string& path, Rows& rows) {
  std::vector<std::string> names;
  expect(rocksdb::DB::ListColumnFamilies({}, path, &names));
  Database database;
  rocksdb::DB* opened = nullptr;
  expect(rocksdb::DB::OpenForReadOnly({}, path, described(names), &database.families, &opened));
  database.db.reset(opened);
  for (std::size_t index = 0; index < names.size(); ++index) {
    rows.families.push_back(fmt::format("{}-{}", rows.families.size(), names[index]));
    const std::unique_ptr<rocksdb::Iterator> row(
        database.db->NewIterator({}, database.families[index]));
    for (row->SeekToFirst(); row->Valid(); row->Next())
      rows.rows.push_back({rows.families.size(), row->key().ToString(), row->value().ToString()});
    expect(row->status());
  }
}

double seconds_to_write(const std::string& path, const Rows& rows) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName};
  names.insert(names.end(), rows.families.begin(), rows.families.end());
  Database database;
  rocksdb::DB* opened = nullptr;
  expect(rocksdb::DB::Open(options, path, described(names), &database.families, &opened));
  database.db.reset(opened);

  const auto began = std::chrono::steady_clock::now();
  rocksdb::WriteBatch batch;
  for (const Row& row : rows.rows) {
    expect(batch.Put(database.families[row.family], row.key, row.value));
    if (batch.Count() < kRowsInABatch) continue;
    expect(database.db->Write({}, &batch));
    batch.Clear();
  }
  expect(database.db->Write({}, &batch));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return took.count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: boxoffice_rocksdb_baseline NEW_DIRECTORY DATABASE…\n");
    return 2;
  }
  try {
    Rows rows;
    for (int index = 2; index < argc; ++index) read_rows(argv[index], rows);
    const double seconds = seconds_to_write(argv[1], rows);
    fmt::print("{:.4f} {}\n", seconds, rows.rows.size());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "boxoffice_rocksdb_baseline: {}\n", error.what());
    return 1;
  }
}
