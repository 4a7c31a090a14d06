#include "rocks/database.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>

#include "rocks/disk_trouble.hpp"

namespace boxoffice::rocks {

using rocksdb::Status;
using namespace std::chrono_literals;

namespace {

constexpr auto kHealAfter = 500ms;
constexpr auto kLookAgainAfter = 2ms;

/// When memtables are flushed, and how many there may be, is not RocksDB's to say: it would keep
/// writers waiting, whatever had become of the flush.
void take_flushes_over(rocksdb::ColumnFamilyOptions& options) {
  options.write_buffer_size = 1u << 30;
  options.arena_block_size = 256u << 10;
  options.max_write_buffer_number = 1000;
}

bool is_for_good(const Status& trouble) { return !trouble.ok() && !trouble.IsIOError(); }

}  // namespace

Family::Family(std::shared_ptr<Database> database, rocksdb::ColumnFamilyHandle* handle)
    : database_(std::move(database)), handle_(handle) {
  const std::lock_guard lock(database_->families_mutex_);
  database_->families_.push_back(handle_);
}

Family::~Family() {
  const std::lock_guard lock(database_->families_mutex_);
  std::erase(database_->families_, handle_);
  database_->rows().DestroyColumnFamilyHandle(handle_);
}

Result<Database::Opened> Database::open(const Settings& settings) {
  rocksdb::DBOptions options = settings.options;
  const auto trouble = std::make_shared<DiskTrouble>();
  options.listeners.push_back(trouble);

  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, settings.directory, &names).ok())
    names = {rocksdb::kDefaultColumnFamilyName};  // a new database
  std::vector<rocksdb::ColumnFamilyDescriptor> described;
  for (const std::string& name : names)
    take_flushes_over(described.emplace_back(name, settings.family(name)).options);

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const Status status =
      rocksdb::DB::Open(options, settings.directory, described, &handles, &opened);
  if (!status.ok()) return std::unexpected(status);
  std::shared_ptr<Database> database(
      new Database(settings, trouble, std::unique_ptr<rocksdb::DB>(opened)));
  Families families;
  for (rocksdb::ColumnFamilyHandle* handle : handles)
    families.push_back(std::make_shared<const Family>(database, handle));
  return Opened{std::move(database), std::move(families)};
}

Database::Database(const Settings& settings, std::shared_ptr<DiskTrouble> trouble,
                   std::unique_ptr<rocksdb::DB> db)
    : family_options_(settings.family),
      flush_bytes_(settings.flush_bytes),
      trouble_(std::move(trouble)),
      db_(std::move(db)),
      healing_([this](std::stop_token stop) { heal(std::move(stop)); }) {}

Database::~Database() = default;

Result<Families> Database::make(const std::vector<std::string>& names) {
  std::vector<rocksdb::ColumnFamilyDescriptor> described;
  for (const std::string& name : names)
    take_flushes_over(described.emplace_back(name, family_options_(name)).options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const Status status = db_->CreateColumnFamilies(described, &handles);
  Families made;
  for (rocksdb::ColumnFamilyHandle* handle : handles)
    made.push_back(std::make_shared<const Family>(shared_from_this(), handle));
  if (!status.ok()) return std::unexpected(status);
  return made;
}

Status Database::drop(const Family& family) {
  Status status = db_->DropColumnFamily(family.handle());
  if (!status.ok()) return status;  // it is written and flushed as before
  const std::lock_guard lock(families_mutex_);
  std::erase(families_, family.handle());
  return status;
}

Status Database::write(rocksdb::WriteBatch& batch) {
  if (Status status = make_room(batch.GetDataSize()); !status.ok()) return status;
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  // Where RocksDB would wait for compactions, it is waited for here, where an error ends it.
  options.no_slowdown = true;
  for (;;) {
    Status status = db_->Write(options, &batch);
    if (!status.IsIncomplete()) return status;
    if (status = trouble_->what(); !status.ok()) return status;
    std::this_thread::sleep_for(kLookAgainAfter);
  }
}

Status Database::make_room(std::size_t bytes) {
  std::unique_lock lock(room_mutex_);
  for (;;) {
    if (Status trouble = trouble_->what(); !trouble.ok()) return trouble;
    if (written_bytes_ < flush_bytes_) break;
    flushing_ = flushing_ && !all_flushed();
    if (!flushing_ && begin_flush()) {
      flushing_ = true;
      written_bytes_ = 0;
    }
    if (written_bytes_ < 2 * flush_bytes_) break;
    lock.unlock();
    std::this_thread::sleep_for(kLookAgainAfter);
    lock.lock();
  }
  written_bytes_ += bytes;
  return Status::OK();
}

Status Database::flush() {
  const std::uint64_t errors = trouble_->count();
  for (bool begun = begin_flush(); !begun || !all_flushed(); begun = begun || begin_flush()) {
    const Status trouble = trouble_->what();
    const bool is_new = !trouble.ok() && trouble_->count() != errors;
    if (is_for_good(trouble) || is_new) return trouble;
    std::this_thread::sleep_for(kLookAgainAfter);
  }
  // Damage from before as well: nothing is flushed any more, or soon nothing.
  const Status trouble = trouble_->what();
  return is_for_good(trouble) ? trouble : Status::OK();
}

bool Database::begin_flush() {
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  const std::lock_guard lock(families_mutex_);
  return std::ranges::all_of(families_, [&](rocksdb::ColumnFamilyHandle* family) {
    return db_->Flush(options, family).ok();
  });
}

bool Database::all_flushed() const {
  const std::lock_guard lock(families_mutex_);
  return std::ranges::all_of(families_, [this](rocksdb::ColumnFamilyHandle* family) {
    std::uint64_t waiting = 0;
    db_->GetIntProperty(family, rocksdb::DB::Properties::kNumImmutableMemTable, &waiting);
    return waiting == 0;
  });
}

/// RocksDB tries a compaction again by itself, but a flush only when another is asked for.
void Database::heal(std::stop_token stop) {
  pthread_setname_np(pthread_self(), "rows-healing");
  while (trouble_->await(stop)) {
    const std::uint64_t errors = trouble_->count();
    const bool begun = begin_flush();
    if (!trouble_->pause(stop, kHealAfter)) return;
    // RocksDB deletes no files from the first error in its manifest on.
    if (begun && all_flushed() && trouble_->end(errors))
      db_->EnableFileDeletions(/*force=*/true).PermitUncheckedError();
  }
}

std::optional<std::string> Database::trouble() const {
  const Status what = trouble_->what();
  return what.ok() ? std::nullopt : std::optional(what.ToString());
}

}  // namespace boxoffice::rocks
