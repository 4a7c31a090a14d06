// Errors of the disk: nothing that was written is lost, and the database goes on by itself.

#include "rocks/database.hpp"

#include <gtest/gtest.h>
#include <rocksdb/listener.h>
#include <sched.h>

#include <atomic>
#include <fstream>
#include <map>

#include "rocks/background_env.hpp"
#include "rocks/options.hpp"
#include "tests/sick_disk.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::rocks {
namespace {

class ADatabase : public ::testing::Test {
 protected:
  ADatabase() {
    open();
    const auto made = db_->make({"other"});
    EXPECT_TRUE(made) << made.error().ToString();
    families_.push_back(made->front());
  }

  void open() {
    auto opened = Database::open(settings_);
    ASSERT_TRUE(opened) << opened.error().ToString();
    db_ = std::move(opened->database);
    families_ = std::move(opened->families);
  }

  void close() {
    families_.clear();
    db_.reset();
  }

  /// A row into each family.
  bool write(const std::string& key, const std::string& value) {
    rocksdb::WriteBatch batch;
    for (const auto& family : families_) batch.Put(family->handle(), key, value);
    if (!db_->write(batch).ok()) return false;
    written_[key] = value;
    return true;
  }

  /// A compaction may meet an error when the test does not expect any.
  void write_until_taken(const std::string& key, const std::string& value) {
    while (!write(key, value)) await_health();
  }

  /// Of all tables that are there.
  void damage_files() {
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      if (entry.path().extension() != ".sst") continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.write("damaged", 7);
    }
  }

  bool flush() { return db_->flush().ok(); }

  void await_health() {
    while (db_->trouble()) std::this_thread::yield();
  }

  void expect_all_there() {
    for (const auto& family : families_) {
      const std::unique_ptr<rocksdb::Iterator> row(db_->rows().NewIterator({}, family->handle()));
      auto expected = written_.begin();
      for (row->SeekToFirst(); row->Valid(); row->Next(), ++expected) {
        ASSERT_NE(expected, written_.end());
        EXPECT_EQ(row->key().ToString(), expected->first);
        EXPECT_EQ(row->value().ToString(), expected->second);
      }
      EXPECT_EQ(expected, written_.end());
    }
  }

  TemporaryDirectory directory_;
  Database::Settings settings_{.directory = directory_.path().string(),
                               .options = database_options(),
                               .family = [](const std::string&) { return family_options(); }};
  std::shared_ptr<Database> db_;
  Families families_;
  std::map<std::string, std::string> written_;
};

TEST_F(ADatabase, SaysWhatIsTheMatterAndRefusesWrites) {
  EXPECT_FALSE(db_->trouble());
  ASSERT_TRUE(write("a", "1"));
  const SickDisk sick;
  EXPECT_FALSE(flush());
  ASSERT_TRUE(db_->trouble());
  EXPECT_NE(db_->trouble()->find("File too large"), std::string::npos) << *db_->trouble();
  EXPECT_FALSE(write("b", "2"));
  expect_all_there();
}

TEST_F(ADatabase, GoesOnByItself) {
  ASSERT_TRUE(write("a", "1"));
  {
    const SickDisk sick;
    ASSERT_FALSE(flush());
  }
  await_health();
  EXPECT_TRUE(write("b", "2"));
  EXPECT_TRUE(flush());
  close();
  open();
  expect_all_there();
}

// Wherever a file's growth is stopped: in a table that is flushed or compacted, or in the manifest.
TEST_F(ADatabase, LosesNothingWhereverTheDiskFails) {
  const std::string value(100, 'v');
  int row = 0;
  for (const rlim_t bytes : {100, 900, 1100, 1300, 1700}) {
    for (int more = 0; more < 5; ++more) write_until_taken(std::to_string(++row), value);
    {
      const SickDisk sick(bytes);
      flush();
    }
    await_health();
    expect_all_there();
  }
  EXPECT_TRUE(flush());
  close();
  open();
  expect_all_there();
}

TEST_F(ADatabase, FlushesByItselfAndKeepsWhatItCannotFlush) {
  close();
  settings_.flush_bytes = 10'000;
  open();
  const std::string value(1000, 'v');
  int row = 0;
  {
    const SickDisk sick;
    while (write(std::to_string(++row), value)) ASSERT_LT(row, 1000) << "more than fits in memory";
    EXPECT_TRUE(db_->trouble());
  }
  await_health();
  for (int more = 0; more < 100; ++more) write_until_taken(std::to_string(++row), value);
  expect_all_there();
  EXPECT_TRUE(flush());
  close();
  open();
  expect_all_there();
}

// Damage is not waited for: RocksDB begins nothing more.
TEST_F(ADatabase, RefusesToFlushWhereItIsDamaged) {
  settings_.family = [](const std::string&) {
    rocksdb::ColumnFamilyOptions options = family_options();
    options.disable_auto_compactions = true;
    return options;
  };
  close();
  open();
  for (const char* value : {"1", "2", "3", "4"}) {
    ASSERT_TRUE(write("a", value));
    ASSERT_TRUE(write("c", value));  // so that tables overlap, and are not merely moved
    ASSERT_TRUE(flush());
  }
  close();
  damage_files();
  open();
  ASSERT_TRUE(write("b", "5"));
  ASSERT_TRUE(db_->rows().EnableAutoCompaction({families_[0]->handle()}).ok());
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  rocksdb::Status refused;
  while ((refused = db_->rows().Put(options, families_[1]->handle(), "b", "5")).ok())
    std::this_thread::yield();
  ASSERT_TRUE(refused.IsCorruption()) << refused.ToString();
  const rocksdb::Status flushed = db_->flush();
  EXPECT_TRUE(flushed.IsCorruption()) << flushed.ToString();
}

TEST_F(ADatabase, FlushesAFamilyAlsoThatCouldNotBeDropped) {
  ASSERT_TRUE(write("a", "1"));
  {
    const SickDisk sick;
    EXPECT_FALSE(db_->drop(*families_[1]).ok());
  }
  await_health();
  write_until_taken("b", "2");
  EXPECT_TRUE(flush());
  close();
  open();
  ASSERT_EQ(families_.size(), 2u);
  expect_all_there();
}

TEST_F(ADatabase, CanBeClosedInTrouble) {
  ASSERT_TRUE(write("a", "1"));
  ASSERT_TRUE(flush());
  ASSERT_TRUE(write("b", "2"));
  {
    const SickDisk sick;
    ASSERT_FALSE(flush());
    close();
  }
  open();
  written_.erase("b");  // never flushed
  expect_all_there();
}

/// How the last flush was scheduled.
class Watching final : public rocksdb::EventListener {
 public:
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override {
    policy = ::sched_getscheduler(0);
  }
  std::atomic<int> policy = -1;
};

TEST_F(ADatabase, IsFlushedByAThreadThatNeedsNoIdleCoreWhereThereIsNone) {
  std::atomic<bool> no_core_idles = false;
  BackgroundEnv env([&] { return no_core_idles.load(); });
  const auto watching = std::make_shared<Watching>();
  close();
  settings_.options.env = &env;
  settings_.options.listeners.push_back(watching);
  open();
  ASSERT_TRUE(write("a", "1"));
  ASSERT_TRUE(flush());
  EXPECT_EQ(watching->policy, SCHED_IDLE);
  no_core_idles = true;
  ASSERT_TRUE(write("b", "2"));
  ASSERT_TRUE(flush());
  EXPECT_EQ(watching->policy, SCHED_OTHER);
  expect_all_there();
  close();
}

}  // namespace
}  // namespace boxoffice::rocks
