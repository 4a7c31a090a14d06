// A memtable of sorted runs against a plain map.

#include "rocks/sorted_runs.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "tests/temporary_directory.hpp"

namespace boxoffice::rocks {
namespace {

using Rows = std::map<std::string, std::string>;

class SortedRuns : public ::testing::Test {
 protected:
  SortedRuns() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.memtable_factory = sorted_runs();
    options.allow_concurrent_memtable_write = false;
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options, directory_.path().string(), &opened).ok());
    db_.reset(opened);
  }

  void put(std::vector<std::pair<std::string, std::string>> rows, bool sorted = true) {
    if (sorted) std::ranges::stable_sort(rows, {}, &std::pair<std::string, std::string>::first);
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : rows) {
      batch.Put(key, value);
      expected_[key] = value;
    }
    ASSERT_TRUE(db_->Write({}, &batch).ok());
  }

  void erase(const std::string& key) {
    ASSERT_TRUE(db_->Delete({}, key).ok());
    expected_.erase(key);
  }

  std::string get(const std::string& key, const rocksdb::ReadOptions& as_of = {}) {
    std::string value;
    const auto status = db_->Get(as_of, key, &value);
    return status.ok() ? value : status.ToString();
  }

  std::unique_ptr<rocksdb::Iterator> iterator(const rocksdb::ReadOptions& as_of = {}) {
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(as_of));
  }

  void expect(const Rows& rows, const rocksdb::ReadOptions& as_of = {}) {
    const auto row = iterator(as_of);
    row->SeekToFirst();
    for (const auto& [key, value] : rows) {
      ASSERT_TRUE(row->Valid()) << key;
      EXPECT_EQ(row->key().ToString(), key);
      EXPECT_EQ(row->value().ToString(), value);
      EXPECT_EQ(get(key, as_of), value);
      row->Next();
    }
    EXPECT_FALSE(row->Valid());
    row->SeekToLast();
    for (auto expected = rows.rbegin(); expected != rows.rend(); ++expected, row->Prev()) {
      ASSERT_TRUE(row->Valid());
      EXPECT_EQ(row->key().ToString(), expected->first);
    }
    EXPECT_FALSE(row->Valid());
  }

  /// Keys of all lengths that begin alike, and some bytes that are negative as characters.
  std::string random_key() {
    static constexpr char kBytes[] = {'\0', '\1', 'a', '\x7f', '\x80', '\xff'};
    std::string key(1 + random_() % 12, '\0');
    for (char& byte : key) byte = kBytes[random_() % std::size(kBytes)];
    return key;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<rocksdb::DB> db_;
  Rows expected_;
  std::mt19937 random_{20240229};
};

TEST_F(SortedRuns, HoldWhatWasWrittenInChunks) {
  for (int chunk = 0; chunk < 100; ++chunk) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (std::size_t i = random_() % 60; i > 0; --i)
      rows.emplace_back(random_key(), std::to_string(random_()));
    put(std::move(rows));
  }
  expect(expected_);
}

TEST_F(SortedRuns, TakeRowsInAnyOrder) {
  for (int chunk = 0; chunk < 20; ++chunk) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (int i = 0; i < 50; ++i) rows.emplace_back(random_key(), std::to_string(random_()));
    put(std::move(rows), false);
  }
  expect(expected_);
}

TEST_F(SortedRuns, HoldMoreThanARunIsMadeFor) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (int i = 0; i < 5000; ++i) rows.emplace_back("key " + std::to_string(i), std::to_string(i));
  put(std::move(rows));
  expect(expected_);
}

TEST_F(SortedRuns, HideOlderRowsAndErasedOnes) {
  for (int round = 0; round < 200; ++round) {
    put({{random_key().substr(0, 2), std::to_string(round)}});
    if (round % 3 == 0) erase(expected_.begin()->first);
  }
  expect(expected_);
}

TEST_F(SortedRuns, AreReadAsOfAMoment) {
  put({{"a", "1"}, {"b", "1"}, {"c", "1"}});
  const Rows then = expected_;
  rocksdb::ReadOptions as_of;
  as_of.snapshot = db_->GetSnapshot();
  const auto before = iterator();
  put({{"a", "2"}, {"bb", "2"}});
  erase("c");
  expect(then, as_of);
  expect(expected_);
  db_->ReleaseSnapshot(as_of.snapshot);

  before->Seek("b");
  ASSERT_TRUE(before->Valid());
  before->Next();
  ASSERT_TRUE(before->Valid());
  EXPECT_EQ(before->key().ToString(), "c") << "the iterator is older than what came";
}

TEST_F(SortedRuns, FindTheRowAtAKeyOrNextToIt) {
  for (int chunk = 0; chunk < 50; ++chunk) put({{random_key(), "x"}, {random_key(), "y"}});
  const auto row = iterator();
  for (int i = 0; i < 500; ++i) {
    const std::string wanted = random_key();
    const auto after = expected_.lower_bound(wanted);
    row->Seek(wanted);
    ASSERT_EQ(row->Valid(), after != expected_.end());
    EXPECT_TRUE(!row->Valid() || row->key() == after->first) << wanted;

    const auto beyond = expected_.upper_bound(wanted);
    row->SeekForPrev(wanted);
    ASSERT_EQ(row->Valid(), beyond != expected_.begin());
    EXPECT_TRUE(!row->Valid() || row->key() == std::prev(beyond)->first) << wanted;
  }
}

TEST_F(SortedRuns, AreFlushedAsTheyAre) {
  for (int chunk = 0; chunk < 30; ++chunk) {
    put({{random_key(), "x"}, {random_key(), "y"}, {random_key(), "z"}});
    ASSERT_TRUE(chunk % 10 != 0 || db_->Flush({}).ok());
  }
  expect(expected_);
}

TEST_F(SortedRuns, AreReadByManyThreadsWhileTheyGrow) {
  constexpr int kRows = 20'000;
  const auto key = [](int n) { return std::to_string(n % 97) + "/" + std::to_string(n); };
  std::atomic<int> written = 0;
  std::atomic<bool> done = false;
  const auto read = [&] {
    for (unsigned turn = 0; !done; ++turn) {
      const int there = written;
      if (there == 0) continue;
      const int n = static_cast<int>(turn % static_cast<unsigned>(there));
      EXPECT_EQ(get(key(n)), std::to_string(n));
      const auto row = iterator();
      row->Seek(key(n));
      ASSERT_TRUE(row->Valid());
      EXPECT_EQ(row->key().ToString(), key(n));
      const std::string before = row->key().ToString();
      row->Next();
      EXPECT_TRUE(!row->Valid() || before < row->key().ToString());
    }
  };
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) readers.emplace_back(read);
  for (int n = 0; n < kRows; n += 10) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (int i = n; i < n + 10; ++i) rows.emplace_back(key(i), std::to_string(i));
    put(std::move(rows));
    written = n + 10;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  expect(expected_);
}

}  // namespace
}  // namespace boxoffice::rocks
