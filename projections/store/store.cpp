#include "projections/store/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "event-log/require.hpp"
#include "projections/store/database.hpp"
#include "projections/store/options.hpp"
#include "projections/store/staged_rows.hpp"

namespace boxoffice::projections {
namespace {

/// A column family's name is `<model>-v<version>.<generation>`. Of several generations the lowest
/// is the live one, so that dropping it swaps in the one beside it: one step, which RocksDB makes
/// durable.
struct Generation {
  std::string model;
  int version = 0;
  int number = 0;

  std::string text() const { return fmt::format("{}-v{}.{}", model, version, number); }
};

std::optional<Generation> generation_from(std::string_view text) {
  const std::size_t dash = text.rfind("-v");
  const std::size_t dot = text.rfind('.');
  if (dash == text.npos || dot == text.npos || dot < dash) return std::nullopt;
  Generation generation{.model = std::string(text.substr(0, dash))};
  const auto number = [&](std::size_t from, std::size_t to, int& into) {
    const auto read = std::from_chars(text.data() + from, text.data() + to, into);
    return read.ec == std::errc() && read.ptr == text.data() + to;
  };
  if (!number(dash + 2, dot, generation.version)) return std::nullopt;
  if (!number(dot + 1, text.size(), generation.number)) return std::nullopt;
  return generation;
}

std::shared_ptr<const Table> table_of(std::shared_ptr<const rocks::Family> rows) {
  return std::make_shared<const Table>(std::make_shared<Family>(std::move(rows)));
}

struct Slot {
  Generation generation;
  std::shared_ptr<const Table> live;
  std::shared_ptr<const Table> beside;
};

}  // namespace

StoreError error_of(const rocksdb::Status& status, std::string_view doing) {
  const std::string text = fmt::format("{}: {}", doing, status.ToString());
  if (status.IsCorruption())
    return {StoreErrorKind::corrupt,
            text + "; delete the directory of the read models: they are made again from the log"};
  if (status.ToString().find("lock") != std::string::npos) return {StoreErrorKind::in_use, text};
  return {StoreErrorKind::unavailable, text};
}

struct Store::Impl {
  std::shared_ptr<rocks::Database> database;
  mutable std::mutex mutex;
  std::map<std::string, Slot, std::less<>> slots;  // guarded by mutex

  Slot& slot(std::string_view model) {
    const auto found = slots.find(model);
    event_log::require(found != slots.end(), "the model has a table");
    return found->second;
  }

  StoreResult<std::vector<std::shared_ptr<const Table>>> make(
      const std::vector<std::string>& names) {
    const auto made = database->make(names);
    if (!made) return std::unexpected(error_of(made.error(), "making a read model's table"));
    std::vector<std::shared_ptr<const Table>> tables;
    for (const auto& family : *made) tables.push_back(table_of(family));
    return tables;
  }

  StoreResult<void> drop(const Table& table) {
    const rocksdb::Status status = database->drop(table.family()->rows());
    if (!status.ok()) return std::unexpected(error_of(status, "dropping a read model's table"));
    return {};
  }

  /// Gives every model its live table, out of what the database holds.
  StoreResult<void> arrange(std::span<const TableName> names,
                            std::map<std::string, std::shared_ptr<const Table>> found) {
    for (const TableName& name : names)
      slots[name.model].generation = {name.model, name.version, 0};
    for (auto& [text, table] : found) {
      const auto generation = generation_from(text);
      const auto slot = generation ? slots.find(generation->model) : slots.end();
      if (slot == slots.end() || slot->second.generation.version != generation->version) {
        if (auto dropped = drop(*table); !dropped) return dropped;
        continue;
      }
      Slot& place = slot->second;
      const bool lowest = !place.live || generation->number < place.generation.number;
      const std::shared_ptr<const Table> unfinished = lowest ? place.live : table;
      if (lowest) {
        place.live = table;
        place.generation = *generation;
      }
      if (!unfinished) continue;
      if (auto dropped = drop(*unfinished); !dropped) return dropped;
    }
    std::vector<std::string> missing;
    for (const auto& [model, place] : slots)
      if (!place.live) missing.push_back(place.generation.text());
    if (missing.empty()) return {};
    auto made = make(missing);
    if (!made) return std::unexpected(std::move(made.error()));
    for (auto& [model, place] : slots) {
      if (place.live) continue;
      place.live = std::move(made->front());
      made->erase(made->begin());
    }
    return {};
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

StoreResult<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory,
                                                std::span<const TableName> names,
                                                const StoreSettings& settings) {
  std::error_code ignored;  // RocksDB says what is wrong with the directory
  std::filesystem::create_directories(directory, ignored);
  const auto looked_up = [known =
                              std::vector(names.begin(), names.end())](const std::string& family) {
    const auto generation = generation_from(family);
    const auto found = std::ranges::find_if(known, [&](const TableName& name) {
      return generation && generation->model == name.model;
    });
    return found == known.end() || found->looked_up;
  };
  auto opened = rocks::Database::open(tuned(directory, settings, looked_up));
  if (!opened)
    return std::unexpected(
        error_of(opened.error(), "opening the read models in " + directory.string()));

  auto impl = std::make_unique<Impl>();
  impl->database = std::move(opened->database);
  std::map<std::string, std::shared_ptr<const Table>> found;
  for (const auto& family : opened->families)
    if (family->name() != rocksdb::kDefaultColumnFamilyName)
      found.emplace(family->name(), table_of(family));
  if (auto arranged = impl->arrange(names, std::move(found)); !arranged)
    return std::unexpected(std::move(arranged.error()));
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

std::shared_ptr<const Table> Store::live(std::string_view model) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->slot(model).live;
}

StoreResult<std::shared_ptr<const Table>> Store::make_beside(std::string_view model) {
  Generation next;
  {
    const std::lock_guard lock(impl_->mutex);
    const Slot& slot = impl_->slot(model);
    event_log::require(!slot.beside, "one table beside the live one");
    next = slot.generation;
    ++next.number;
  }
  auto made = impl_->make({next.text()});
  if (!made) return std::unexpected(std::move(made.error()));
  const std::lock_guard lock(impl_->mutex);
  impl_->slot(model).beside = made->front();
  return made->front();
}

StoreResult<void> Store::swap_in(std::string_view model) {
  const std::lock_guard lock(impl_->mutex);
  Slot& slot = impl_->slot(model);
  event_log::require(slot.beside != nullptr, "there is a table to swap in");
  if (auto dropped = impl_->drop(*slot.live); !dropped) return dropped;
  slot.live = std::move(slot.beside);
  ++slot.generation.number;
  return {};
}

void Store::drop_beside(std::string_view model) {
  const std::lock_guard lock(impl_->mutex);
  Slot& slot = impl_->slot(model);
  if (!slot.beside) return;
  // What cannot be dropped now is dropped at the next opening.
  static_cast<void>(impl_->drop(*slot.beside));
  slot.beside.reset();
}

StoreResult<void> Store::commit(Chunk& chunk) {
  const rocksdb::Status status = impl_->database->write(chunk.impl_->sorted());
  if (!status.ok()) return std::unexpected(error_of(status, "writing rows"));
  return {};
}

StoreResult<void> Store::flush() {
  const rocksdb::Status status = impl_->database->flush();
  if (!status.ok()) return std::unexpected(error_of(status, "flushing rows"));
  return {};
}

std::optional<std::string> Store::trouble() const { return impl_->database->trouble(); }

std::shared_ptr<const Moment> Store::moment() const {
  return std::make_shared<const Moment>(impl_->database);
}

}  // namespace boxoffice::projections
