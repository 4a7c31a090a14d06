#include "projections/store/database.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr char kFirstRow[] = "\x01";
constexpr std::uint8_t kPositionKey = 0;

}  // namespace

struct RowIterator::Impl {
  std::shared_ptr<Family> family;
  std::shared_ptr<const Moment> as_of;
  std::unique_ptr<rocksdb::Iterator> rows;
};

RowIterator::RowIterator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowIterator::~RowIterator() = default;
RowIterator::RowIterator(RowIterator&&) noexcept = default;
RowIterator& RowIterator::operator=(RowIterator&&) noexcept = default;

void RowIterator::seek(std::string_view key) { impl_->rows->Seek(slice(key)); }
void RowIterator::next() { impl_->rows->Next(); }
bool RowIterator::valid() const { return impl_->rows->Valid(); }
std::string_view RowIterator::key() const { return view(impl_->rows->key()); }
std::string_view RowIterator::value() const { return view(impl_->rows->value()); }

StoreResult<void> RowIterator::status() const {
  const rocksdb::Status status = impl_->rows->status();
  if (!status.ok()) return std::unexpected(error_of(status, "reading rows"));
  return {};
}

Table::Table(std::shared_ptr<Family> family) : family_(std::move(family)) {}

StoreResult<std::optional<std::string>> Table::get(std::string_view key) const {
  std::string value;
  const rocksdb::Status status =
      family_->database->db->Get(rocksdb::ReadOptions(), family_->handle, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(error_of(status, "reading a row"));
  return value;
}

RowIterator Table::rows(std::shared_ptr<const Moment> as_of) const {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  if (as_of) options.snapshot = as_of->snapshot;
  std::unique_ptr<rocksdb::Iterator> rows(
      family_->database->db->NewIterator(options, family_->handle));
  RowIterator iterator(std::make_unique<RowIterator::Impl>(
      RowIterator::Impl{family_, std::move(as_of), std::move(rows)}));
  iterator.seek(kFirstRow);
  return iterator;
}

StoreResult<std::vector<schema::Sequence>> Table::positions(std::uint16_t partitions) const {
  std::vector<schema::Sequence> positions(partitions);
  for (std::uint16_t partition = 0; partition < partitions; ++partition) {
    std::string key;
    Packer(key).u8(kPositionKey).u16(partition);
    auto row = get(key);
    if (!row) return std::unexpected(std::move(row.error()));
    if (*row) positions[partition].value = Unpacker(**row).u64();
  }
  return positions;
}

Chunk::Chunk() : impl_(std::make_unique<Impl>()) {}
Chunk::~Chunk() = default;
Chunk::Chunk(Chunk&&) noexcept = default;
Chunk& Chunk::operator=(Chunk&&) noexcept = default;

// Staging a write fails only for a key or a value beyond 4 GiB, or a table of another database: not
// something to handle.
void Chunk::put(const Table& table, std::string_view key, std::string_view value) {
  impl_->batch.Put(table.family()->handle, slice(key), slice(value)).PermitUncheckedError();
}

void Chunk::erase(const Table& table, std::string_view key) {
  impl_->batch.Delete(table.family()->handle, slice(key)).PermitUncheckedError();
}

void Chunk::overwrite_head(const Table& table, std::string_view key, std::string_view head) {
  impl_->batch.Merge(table.family()->handle, slice(key), slice(head)).PermitUncheckedError();
}

void Chunk::put_position(const Table& table, schema::Position position) {
  std::string key;
  Packer(key).u8(kPositionKey).u16(position.partition.value);
  std::string value;
  Packer(value).u64(position.sequence.value);
  put(table, key, value);
}

void Chunk::clear() { impl_->batch.Clear(); }

}  // namespace boxoffice::projections
