#include "projections/keys/keys.hpp"

#include <unordered_set>

#include "projections/keys/key_fold.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr std::uint8_t kKeyRow = 1;

std::string row_of(const KeyView& view) {
  std::string row;
  Packer packer(row);
  packer.position(view.last_event).u8(static_cast<std::uint8_t>(view.role));
  packer.bytes(view.hash.bytes).instant(view.created_at);
  packer.instant(view.last_used_at.value_or(Instant{})).text(view.name);
  if (view.occasion) packer.bytes(view.occasion->bytes);
  return row;
}

Keys::View view_of(const schema::KeyId& id, std::string_view row) {
  Unpacker unpacker(row);
  KeyView view{.id = id};
  view.last_event = unpacker.position();
  const std::uint8_t role = unpacker.u8();
  view.role = static_cast<schema::Role>(role);
  unpacker.bytes(view.hash.bytes);
  view.created_at = unpacker.instant();
  const Instant used = unpacker.instant();
  if (used != Instant{}) view.last_used_at = used;
  view.name = unpacker.text();
  if (!unpacker.complete()) unpacker.bytes(view.occasion.emplace().bytes);
  if (!unpacker.complete() || role >= schema::kRoleCount) return nullptr;
  return std::make_shared<const KeyView>(std::move(view));
}

}  // namespace

std::string Keys::key_of(const schema::KeyId& id) {
  std::string key;
  Packer(key).u8(kKeyRow).bytes(id.bytes);
  return key;
}

schema::KeyId Keys::id_of(std::string_view key) {
  schema::KeyId id;
  Unpacker(key.substr(1)).bytes(id.bytes);
  return id;
}

StoreResult<void> Keys::load(const Table& table) {
  changed_.clear();
  std::unordered_set<schema::KeyId, schema::IdHash> loaded;
  RowIterator rows = table.rows();
  for (; rows.valid(); rows.next()) {
    const schema::KeyId id = id_of(rows.key());
    View view = view_of(id, rows.value());
    if (!view)
      return std::unexpected(
          StoreError{StoreErrorKind::corrupt, "the row of key " + to_text(id) + " is damaged"});
    loaded.insert(id);
    published_.put(id, std::move(view));
  }
  published_.retain(loaded);
  return rows.status();
}

void Keys::apply(const LoggedEvent& event, Rows&) {
  fold_key(
      event,
      [this](const schema::KeyId& id) {
        const auto here = changed_.find(id);
        return here != changed_.end() ? here->second : find(id);
      },
      [this](const schema::KeyId& id, View view) { changed_[id] = std::move(view); });
}

void Keys::complete(Rows& rows) {
  for (const auto& [id, view] : changed_)
    if (view)
      rows.put(key_of(id), row_of(*view));
    else
      rows.erase(key_of(id));
}

void Keys::publish() {
  for (auto& [id, view] : changed_)
    if (view)
      published_.put(id, std::move(view));
    else
      published_.erase(id);
  changed_.clear();
}

}  // namespace boxoffice::projections
