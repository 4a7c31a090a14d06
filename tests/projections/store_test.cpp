// Rows as they are staged, written, and read back.

#include "projections/store/store.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/temporary_directory.hpp"

namespace boxoffice::projections {
namespace {

class Rows : public ::testing::Test {
 protected:
  Rows() { open(); }

  void open() {
    tables_.clear();
    store_.reset();
    const TableName names[] = {{"first"}, {"second"}};
    auto opened = Store::open(directory_.path(), names);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    for (const TableName& name : names) tables_.push_back(store_->live(name.model));
  }

  void commit() {
    ASSERT_TRUE(store_->commit(chunk_));
    chunk_.clear();
  }

  std::map<std::string, std::string> rows_of(const Table& table) {
    std::map<std::string, std::string> found;
    RowIterator rows = table.rows();
    for (; rows.valid(); rows.next()) found.emplace(rows.key(), rows.value());
    EXPECT_TRUE(rows.status());
    return found;
  }

  std::map<std::string, std::string> rows() { return rows_of(*tables_[0]); }

  const Table& table() { return *tables_[0]; }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
  std::vector<std::shared_ptr<const Table>> tables_;
  Chunk chunk_;
};

using Expected = std::map<std::string, std::string>;

TEST_F(Rows, AreWrittenInAnyOrder) {
  chunk_.put(*tables_[1], "\x02second", "b");
  chunk_.put(*tables_[0], "\x02second", "2");
  chunk_.put(*tables_[0], "\x01", "1");
  chunk_.put(*tables_[1], "\x01first", "a");
  commit();
  EXPECT_EQ(rows_of(*tables_[0]), (Expected{{"\x01", "1"}, {"\x02second", "2"}}));
  EXPECT_EQ(rows_of(*tables_[1]), (Expected{{"\x01first", "a"}, {"\x02second", "b"}}));
}

TEST_F(Rows, AreWhatCameLast) {
  chunk_.put(table(), "\x01", "old");
  chunk_.put(table(), "\x01", "new");
  chunk_.put(table(), "\x02", "gone");
  chunk_.erase(table(), "\x02");
  chunk_.erase(table(), "\x03");
  chunk_.put(table(), "\x03", "back");
  commit();
  EXPECT_EQ(rows(), (Expected{{"\x01", "new"}, {"\x03", "back"}}));
}

TEST_F(Rows, KeepWhatFollowsAHead) {
  chunk_.put(table(), "\x01", "held|ada");
  commit();
  chunk_.overwrite_head(table(), "\x01", "over");
  chunk_.put(table(), "\x02", "held|bob");
  chunk_.overwrite_head(table(), "\x02", "sold");
  chunk_.overwrite_head(table(), "\x02", "g");
  commit();
  chunk_.overwrite_head(table(), "\x01", "gone");
  chunk_.overwrite_head(table(), "\x01", "b");
  chunk_.overwrite_head(table(), "\x03", "alone");
  commit();
  EXPECT_EQ(rows(), (Expected{{"\x01", "bone|ada"}, {"\x02", "gold|bob"}, {"\x03", "alone"}}));
}

TEST_F(Rows, HaveNothingBehindAHeadOnceErased) {
  chunk_.put(table(), "\x01", "held|ada");
  commit();
  chunk_.erase(table(), "\x01");
  chunk_.overwrite_head(table(), "\x01", "over");
  commit();
  EXPECT_EQ(rows(), (Expected{{"\x01", "over"}}));
}

// Where a chunk ends must not show.
TEST_F(Rows, AreTheSameHoweverTheyAreCutIntoChunks) {
  std::mt19937 random(20240229);
  Expected expected;
  for (int change = 0; change < 3000; ++change) {
    const std::string key = "\x01key " + std::to_string(random() % 50);
    const std::string value = std::to_string(random());
    switch (random() % 4) {
      case 0:
      case 1:
        chunk_.put(table(), key, value);
        expected[key] = value;
        break;
      case 2:
        chunk_.overwrite_head(table(), key, value);
        expected[key].replace(0, value.size(), value);
        break;
      case 3:
        chunk_.erase(table(), key);
        expected.erase(key);
        break;
    }
    if (random() % 30 == 0) commit();
    ASSERT_TRUE(random() % 300 != 0 || store_->flush());
  }
  commit();
  EXPECT_EQ(rows(), expected);
  ASSERT_TRUE(store_->flush());
  open();
  EXPECT_EQ(rows(), expected);
}

}  // namespace
}  // namespace boxoffice::projections
