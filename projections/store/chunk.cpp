#include "projections/store/packed.hpp"
#include "projections/store/staged_rows.hpp"

namespace boxoffice::projections {

using Change = Chunk::Impl::Change;

Chunk::Chunk() : impl_(std::make_unique<Impl>()) {}
Chunk::~Chunk() = default;
Chunk::Chunk(Chunk&&) noexcept = default;
Chunk& Chunk::operator=(Chunk&&) noexcept = default;

void Chunk::put(const Table& table, std::string_view key, std::string_view value) {
  impl_->stage(table, Change::put, key, value);
}

void Chunk::erase(const Table& table, std::string_view key) {
  impl_->stage(table, Change::erase, key, {});
}

void Chunk::overwrite_head(const Table& table, std::string_view key, std::string_view head) {
  impl_->stage(table, Change::overwrite_head, key, head);
}

void Chunk::put_position(const Table& table, schema::Position position) {
  std::string value;
  Packer(value).u64(position.sequence.value);
  put(table, position_key(position.partition), value);
}

void Chunk::clear() { impl_->clear(); }

}  // namespace boxoffice::projections
