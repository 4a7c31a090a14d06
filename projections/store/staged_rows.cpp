#include "projections/store/staged_rows.hpp"

#include <algorithm>
#include <cstring>

#include "projections/store/head_overwrite.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

std::uint64_t begin_of(std::string_view key) {
  std::uint64_t begin = 0;
  std::memcpy(&begin, key.data(), std::min(key.size(), sizeof begin));
  return __builtin_bswap64(begin);
}

}  // namespace

void Chunk::Impl::write(rocksdb::ColumnFamilyHandle* family, Change change, std::string_view key,
                        std::string_view value) {
  // Fails only for a key or a value beyond 4 GiB, or a table of another database: not something to
  // handle.
  if (change == Change::put)
    batch_.Put(family, slice(key), slice(value)).PermitUncheckedError();
  else if (change == Change::erase)
    batch_.Delete(family, slice(key)).PermitUncheckedError();
  else
    batch_.Merge(family, slice(key), slice(value)).PermitUncheckedError();
}

std::vector<Chunk::Impl::Staged>& Chunk::Impl::rows_of(const Table& table) {
  auto found = std::ranges::find(tables_, table.family(), &OfTable::family);
  if (found == tables_.end()) found = std::ranges::find(tables_, nullptr, &OfTable::family);
  if (found == tables_.end()) found = tables_.emplace(tables_.end());
  if (!found->family) found->family = table.family();
  return found->rows;
}

void Chunk::Impl::stage(const Table& table, Change change, std::string_view key,
                        std::string_view value) {
  rows_of(table).push_back({.key_begin = begin_of(key),
                            .at = static_cast<std::uint32_t>(bytes_.size()),
                            .key_size = static_cast<std::uint32_t>(key.size()),
                            .value_size = static_cast<std::uint32_t>(value.size()),
                            .change = change});
  bytes_.append(key).append(value);
}

std::string_view Chunk::Impl::key(const Staged& row) const {
  return std::string_view(bytes_).substr(row.at, row.key_size);
}

std::string_view Chunk::Impl::value(const Staged& row) const {
  return std::string_view(bytes_).substr(row.at + row.key_size, row.value_size);
}

rocksdb::WriteBatch& Chunk::Impl::sorted() {
  batch_.Clear();
  for (OfTable& table : tables_)
    if (table.family) write_sorted(table);
  return batch_;
}

void Chunk::Impl::write_sorted(OfTable& table) {
  std::sort(table.rows.begin(), table.rows.end(), [this](const Staged& a, const Staged& b) {
    if (a.key_begin != b.key_begin) return a.key_begin < b.key_begin;
    const int order = key(a).compare(key(b));
    return order != 0 ? order < 0 : a.at < b.at;
  });
  rocksdb::ColumnFamilyHandle* family = table.family->handle();
  for (auto row = table.rows.begin(); row != table.rows.end();) {
    const auto end = std::find_if(row + 1, table.rows.end(), [&](const Staged& other) {
      return other.key_begin != row->key_begin || key(other) != key(*row);
    });
    if (end - row == 1)
      write(family, row->change, key(*row), value(*row));
    else
      write_combined(family, {row, end});
    row = end;
  }
}

void Chunk::Impl::write_combined(rocksdb::ColumnFamilyHandle* family,
                                 std::span<const Staged> changes) {
  Change change = changes.front().change;
  combined_ = value(changes.front());
  for (const Staged& later : changes.subspan(1)) {
    if (later.change == Change::overwrite_head && change != Change::erase) {
      overwrite_head_of(combined_, value(later));
    } else {
      change = later.change == Change::erase ? Change::erase : Change::put;
      combined_ = value(later);
    }
  }
  write(family, change, key(changes.front()), combined_);
}

void Chunk::Impl::clear() {
  bytes_.clear();
  for (OfTable& table : tables_) {
    table.rows.clear();
    table.family.reset();
  }
}

}  // namespace boxoffice::projections
