#include <map>
#include <vector>

#include "event-log/require.hpp"
#include "projections/store/memory/disk.hpp"
#include "projections/store/packed.hpp"
#include "projections/store/store.hpp"

namespace boxoffice::projections {

/// Rows and positions. Whoever reads shares the map, and what is written then goes to a copy.
using RowMap = std::map<std::string, std::string, std::less<>>;
using SharedRows = std::shared_ptr<RowMap>;

namespace {

constexpr char kFirstRow[] = "\x01";
constexpr std::uint8_t kPositionKey = 0;

/// What a crash leaves.
struct Disk {
  struct Kept {
    int version = 0;
    SharedRows rows;
  };
  std::map<std::string, Kept, std::less<>> tables;  // by model
  StoreFaults faults;
};

std::map<std::filesystem::path, std::shared_ptr<Disk>>& disks() {
  static std::map<std::filesystem::path, std::shared_ptr<Disk>> disks;
  return disks;
}

std::shared_ptr<Disk> disk_of(const std::filesystem::path& directory) {
  auto& disk = disks()[directory];
  if (!disk) disk = std::make_shared<Disk>();
  return disk;
}

SharedRows no_rows() { return std::make_shared<RowMap>(); }

}  // namespace

void plan_faults(const std::filesystem::path& directory, StoreFaults faults) {
  disk_of(directory)->faults = std::move(faults);
}

void remove_disk(const std::filesystem::path& directory) { disks().erase(directory); }

class Family {
 public:
  explicit Family(SharedRows kept) : rows(kept), flushed(std::move(kept)) {}

  RowMap& writable() {
    if (rows.use_count() > 1) rows = std::make_shared<RowMap>(*rows);
    return *rows;
  }

  SharedRows rows;
  SharedRows flushed;
};

class Moment {
 public:
  std::map<const Family*, SharedRows> rows;
};

struct RowIterator::Impl {
  SharedRows rows;
  RowMap::const_iterator at;
};

RowIterator::RowIterator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowIterator::~RowIterator() = default;
RowIterator::RowIterator(RowIterator&&) noexcept = default;
RowIterator& RowIterator::operator=(RowIterator&&) noexcept = default;

void RowIterator::seek(std::string_view key) { impl_->at = impl_->rows->lower_bound(key); }
void RowIterator::next() { ++impl_->at; }
bool RowIterator::valid() const { return impl_->at != impl_->rows->end(); }
std::string_view RowIterator::key() const { return impl_->at->first; }
std::string_view RowIterator::value() const { return impl_->at->second; }
StoreResult<void> RowIterator::status() const { return {}; }

Table::Table(std::shared_ptr<Family> family) : family_(std::move(family)) {}

StoreResult<std::optional<std::string>> Table::get(std::string_view key) const {
  const auto found = family_->rows->find(key);
  if (found == family_->rows->end()) return std::nullopt;
  return found->second;
}

RowIterator Table::rows(std::shared_ptr<const Moment> as_of) const {
  SharedRows rows = as_of ? as_of->rows.at(family_.get()) : family_->rows;
  RowIterator iterator(std::make_unique<RowIterator::Impl>(RowIterator::Impl{std::move(rows), {}}));
  iterator.seek(kFirstRow);
  return iterator;
}

StoreResult<std::vector<schema::Sequence>> Table::positions(std::uint16_t partitions) const {
  std::vector<schema::Sequence> positions(partitions);
  for (std::uint16_t partition = 0; partition < partitions; ++partition) {
    std::string key;
    Packer(key).u8(kPositionKey).u16(partition);
    const auto row = family_->rows->find(key);
    if (row != family_->rows->end()) positions[partition].value = Unpacker(row->second).u64();
  }
  return positions;
}

struct Chunk::Impl {
  enum class Kind { put, erase, overwrite_head };
  struct Write {
    Kind kind;
    std::shared_ptr<Family> family;
    std::string key;
    std::string value;

    void apply() const {
      RowMap& rows = family->writable();
      switch (kind) {
        case Kind::put:
          rows[key] = value;
          return;
        case Kind::erase:
          rows.erase(key);
          return;
        case Kind::overwrite_head:
          std::string& row = rows[key];
          row.replace(0, std::min(row.size(), value.size()), value);
          return;
      }
    }
  };
  std::vector<Write> writes;
};

Chunk::Chunk() : impl_(std::make_unique<Impl>()) {}
Chunk::~Chunk() = default;
Chunk::Chunk(Chunk&&) noexcept = default;
Chunk& Chunk::operator=(Chunk&&) noexcept = default;

void Chunk::put(const Table& table, std::string_view key, std::string_view value) {
  impl_->writes.push_back({Impl::Kind::put, table.family(), std::string(key), std::string(value)});
}

void Chunk::erase(const Table& table, std::string_view key) {
  impl_->writes.push_back({Impl::Kind::erase, table.family(), std::string(key), {}});
}

void Chunk::overwrite_head(const Table& table, std::string_view key, std::string_view head) {
  impl_->writes.push_back(
      {Impl::Kind::overwrite_head, table.family(), std::string(key), std::string(head)});
}

void Chunk::put_position(const Table& table, schema::Position position) {
  std::string key;
  Packer(key).u8(kPositionKey).u16(position.partition.value);
  std::string value;
  Packer(value).u64(position.sequence.value);
  put(table, key, value);
}

void Chunk::clear() { impl_->writes.clear(); }

struct Store::Impl {
  struct Slot {
    std::shared_ptr<const Table> live;
    std::shared_ptr<const Table> beside;
  };

  const std::shared_ptr<Disk> disk;
  std::map<std::string, Slot, std::less<>> slots;

  Slot& slot(std::string_view model) {
    const auto found = slots.find(model);
    event_log::require(found != slots.end(), "the model has a table");
    return found->second;
  }

  /// Asks the plan before something is written.
  StoreResult<void> write(std::string_view what) const {
    if (disk->faults.write_fails && disk->faults.write_fails())
      return std::unexpected(StoreError{StoreErrorKind::unavailable,
                                        std::string(what) + ": refused by the fault plan"});
    return {};
  }

  void flush() {
    for (auto& [model, slot] : slots) {
      const auto keep = [](const Table& table) {
        return table.family()->flushed = table.family()->rows;
      };
      disk->tables[model].rows = keep(*slot.live);
      if (slot.beside) keep(*slot.beside);
    }
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

StoreResult<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory,
                                                std::span<const TableName> names,
                                                const StoreSettings&) {
  auto impl = std::make_unique<Impl>(Impl{.disk = disk_of(directory)});
  if (auto may = impl->write("opening the read models"); !may)
    return std::unexpected(std::move(may.error()));
  auto& kept = impl->disk->tables;
  for (const TableName& name : names) {
    Disk::Kept& table = kept[name.model];
    if (!table.rows || table.version != name.version) table = {name.version, no_rows()};
    impl->slots[name.model].live =
        std::make_shared<const Table>(std::make_shared<Family>(table.rows));
  }
  std::erase_if(kept, [&](const auto& table) { return !impl->slots.contains(table.first); });
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

std::shared_ptr<const Table> Store::live(std::string_view model) const {
  return impl_->slot(model).live;
}

StoreResult<std::shared_ptr<const Table>> Store::make_beside(std::string_view model) {
  Impl::Slot& slot = impl_->slot(model);
  event_log::require(!slot.beside, "one table beside the live one");
  if (auto may = impl_->write("making a read model's table"); !may)
    return std::unexpected(std::move(may.error()));
  slot.beside = std::make_shared<const Table>(std::make_shared<Family>(no_rows()));
  return slot.beside;
}

StoreResult<void> Store::swap_in(std::string_view model) {
  Impl::Slot& slot = impl_->slot(model);
  event_log::require(slot.beside != nullptr, "there is a table to swap in");
  if (auto may = impl_->write("dropping a read model's table"); !may) return may;
  slot.live = std::move(slot.beside);
  impl_->disk->tables.find(model)->second.rows = slot.live->family()->flushed;
  return {};
}

void Store::drop_beside(std::string_view model) { impl_->slot(model).beside.reset(); }

StoreResult<void> Store::commit(Chunk& chunk) {
  if (auto may = impl_->write("writing rows"); !may) return may;
  for (const Chunk::Impl::Write& write : chunk.impl_->writes) write.apply();
  if (impl_->disk->faults.flushes && impl_->disk->faults.flushes()) impl_->flush();
  return {};
}

StoreResult<void> Store::flush() {
  if (auto may = impl_->write("flushing rows"); !may) return may;
  impl_->flush();
  return {};
}

std::optional<std::string> Store::trouble() const { return std::nullopt; }

std::shared_ptr<const Moment> Store::moment() const {
  auto moment = std::make_shared<Moment>();
  for (const auto& [model, slot] : impl_->slots)
    for (const auto& table : {slot.live, slot.beside})
      if (table) moment->rows[table->family().get()] = table->family()->rows;
  return moment;
}

}  // namespace boxoffice::projections
