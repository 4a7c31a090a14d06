#include "projections/store/database.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr char kFirstRow[] = "\x01";

}  // namespace

std::string position_key(schema::Partition partition) {
  std::string key;
  Packer(key).u8(0).u16(partition.value);
  return key;
}

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
      family_->database().rows().Get({}, family_->handle(), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(error_of(status, "reading a row"));
  return value;
}

RowIterator Table::rows(std::shared_ptr<const Moment> as_of) const {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  if (as_of) options.snapshot = as_of->snapshot;
  std::unique_ptr<rocksdb::Iterator> rows(
      family_->database().rows().NewIterator(options, family_->handle()));
  RowIterator iterator(std::make_unique<RowIterator::Impl>(
      RowIterator::Impl{family_, std::move(as_of), std::move(rows)}));
  iterator.seek(kFirstRow);
  return iterator;
}

StoreResult<std::vector<schema::Sequence>> Table::positions(std::uint16_t partitions) const {
  std::vector<schema::Sequence> positions(partitions);
  for (std::uint16_t partition = 0; partition < partitions; ++partition) {
    auto row = get(position_key({partition}));
    if (!row) return std::unexpected(std::move(row.error()));
    if (*row) positions[partition].value = Unpacker(**row).u64();
  }
  return positions;
}

}  // namespace boxoffice::projections
