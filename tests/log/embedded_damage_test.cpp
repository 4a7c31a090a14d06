#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "event-log/embedded/embedded_log.hpp"
#include "tests/log/history.hpp"
#include "tests/temporary_directory.hpp"

// Crashes and damage: a directory is closed, its bytes are changed as a crash or a bad disk would,
// and it is opened again.
namespace boxoffice::event_log::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Partition kPartition{0};

std::string bytes_of(const fs::path& path) {
  std::string bytes(fs::file_size(path), '\0');
  std::ifstream(path, std::ios::binary)
      .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class EmbeddedLogDirectory : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Log>> try_open() const {
    return open_embedded(
        {.directory = directory_.path(), .partitions = 2, .segment_bytes = segment_bytes_});
  }

  std::unique_ptr<Log> open() const {
    auto opened = try_open();
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    return std::move(*opened);
  }

  /// Batches of two events each, appended in one run of the log; returns the history after each.
  std::vector<History> write(int batches) const {
    const auto log = open();
    const auto writer = writer_of(*log, {0});
    std::vector<History> after{History(*log)};
    for (int i = 0; i < batches; ++i) {
      History history = after.back();
      EXPECT_TRUE(writer->append(history.next_batch(kPartition, 2)));
      after.push_back(std::move(history));
    }
    return after;
  }

  fs::path segment(int number) const {
    return directory_.path() / "log" / ("0000000" + std::to_string(number) + ".log");
  }
  fs::path index(int number) const {
    return directory_.path() / "log" / ("0000000" + std::to_string(number) + ".index");
  }

  std::map<fs::path, std::string> everything() const {
    std::map<fs::path, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path()))
      if (entry.is_regular_file()) files[entry.path()] = bytes_of(entry.path());
    return files;
  }

  const TemporaryDirectory directory_;
  std::size_t segment_bytes_ = 16 << 10;
};

/// Where the data of a segment that ends in zeros ends.
std::size_t data_end(std::string_view segment) { return segment.find_last_not_of('\0') + 1; }

TEST_F(EmbeddedLogDirectory, KeepsWhatEventsSayInSegmentsAlone) {
  const std::string said = "what an event says";
  const KeyRecord key{kPartition, "person/of this name", "and of this value"};
  {
    const auto log = open();
    const auto writer = writer_of(*log, {0});
    History history(*log);
    while (!fs::exists(index(1))) {
      schema::KeyCreationRefused event{.name = said, .refusal = schema::KeyRefusal::too_late};
      ASSERT_TRUE(writer->append(batch({history.next(kPartition, event, said)}, {key})));
    }
  }
  for (const std::string& text : {said, key.name, key.value}) {
    EXPECT_NE(bytes_of(segment(1)).find(text), std::string::npos) << "a search finds it: " << text;
    EXPECT_EQ(bytes_of(index(1)).find(text), std::string::npos) << text;
  }
  EXPECT_GT(bytes_of(index(1)).size(), 0u);
}

TEST_F(EmbeddedLogDirectory, KeepsAllButTheLastBatchWhereverACrashCutIt) {
  const auto after = write(3);
  const std::string whole = bytes_of(segment(1));
  const std::size_t end = data_end(whole);
  const std::size_t last_batch = whole.rfind("\xb0xf\x01", end);
  ASSERT_NE(last_batch, std::string::npos);
  for (std::size_t cut = last_batch; cut < end; ++cut) {
    SCOPED_TRACE(cut);
    write_bytes(segment(1), std::string_view(whole).substr(0, cut));
    const auto log = open();
    expect_holds(*log, after[2], kPartition);
    History history = after[2];
    const auto writer = writer_of(*log, {0});
    ASSERT_TRUE(writer->append(history.next_batch(kPartition, 2)));
    expect_holds(*log, history, kPartition);
    if (HasFailure()) return;
  }
}

TEST_F(EmbeddedLogDirectory, KeepsAllButTheLastBatchWhicheverOfItsBytesDidNotReachTheDisk) {
  const auto after = write(3);
  const std::string whole = bytes_of(segment(1));
  const std::size_t end = data_end(whole);
  const std::size_t last_batch = whole.rfind("\xb0xf\x01", end);
  for (std::size_t lost = last_batch; lost < end; lost += 7) {
    SCOPED_TRACE(lost);
    std::string torn = whole;
    torn[lost] = static_cast<char>(torn[lost] ^ 0x20);
    write_bytes(segment(1), torn);
    {
      const auto log = open();
      expect_holds(*log, after[2], kPartition);
    }
    // What was cut off is gone for good.
    EXPECT_EQ(data_end(bytes_of(segment(1))), data_end(whole.substr(0, last_batch)));
    if (HasFailure()) return;
  }
}

TEST_F(EmbeddedLogDirectory, SaysWhatIsCutOffOrLeftOutAtItsEnd) {
  (void)write(3);
  const std::string whole = bytes_of(segment(1));
  const std::size_t end = data_end(whole);
  const std::size_t last_batch = whole.rfind("\xb0xf\x01", end);
  std::string torn = whole;
  torn[end - 1] ^= 0x20;
  for (const bool reading : {true, false}) {
    write_bytes(segment(1), torn);
    std::vector<TornEnd> told;
    const auto tell = [&](const TornEnd& end) { told.push_back(end); };
    const auto log =
        reading
            ? open_embedded_for_reading(directory_.path(), tell)
            : open_embedded({.directory = directory_.path(), .partitions = 2, .on_torn_end = tell});
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].file, segment(1));
    EXPECT_EQ(told[0].begin, last_batch);
    EXPECT_EQ(told[0].end, end);
    EXPECT_EQ(told[0].events, std::vector<Position>({{kPartition, {5}}}));
    EXPECT_THAT(to_text(told[0]), AllOf(HasSubstr(segment(1).string()), HasSubstr("event 0:5")));
    EXPECT_EQ(told[0].kept.has_value(), !reading) << "only what is cut off must be kept";
    if (told[0].kept) {
      EXPECT_EQ(bytes_of(*told[0].kept), torn.substr(last_batch, end - last_batch));
    }
  }
  const auto log = open_embedded({.directory = directory_.path(),
                                  .partitions = 2,
                                  .on_torn_end = [](const TornEnd&) { ADD_FAILURE(); }});
  EXPECT_TRUE(log) << "what was cut off is told once";
}

// The zeros over a torn end are written after it was kept, and a crash may cut them off, too.
TEST_F(EmbeddedLogDirectory, KeepsAWholeTornEndBesideWhatIsLeftOfItTheNextTime) {
  (void)write(3);
  const std::string whole = bytes_of(segment(1));
  const std::size_t end = data_end(whole);
  const std::size_t last_batch = whole.rfind("\xb0xf\x01", end);
  std::string torn = whole;
  torn[end - 1] ^= 0x20;
  std::string half_zeroed = torn;
  std::fill_n(half_zeroed.begin() + static_cast<std::ptrdiff_t>(last_batch), 40, '\0');

  std::vector<fs::path> kept;
  for (const std::string& bytes : {torn, half_zeroed, half_zeroed}) {
    write_bytes(segment(1), bytes);
    ASSERT_TRUE(open_embedded(
        {.directory = directory_.path(), .partitions = 2, .on_torn_end = [&](const TornEnd& told) {
           ASSERT_TRUE(told.kept);
           kept.push_back(*told.kept);
         }}));
  }
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_NE(kept[0], kept[1]);
  EXPECT_EQ(kept[1], kept[2]) << "it has these bytes already";
  EXPECT_EQ(bytes_of(kept[0]), torn.substr(last_batch, end - last_batch));
  EXPECT_EQ(bytes_of(kept[1]), half_zeroed.substr(last_batch, end - last_batch));
}

TEST_F(EmbeddedLogDirectory, KeepsAllButTheLastBatchWhereAKeyOfItDidNotReachTheDisk) {
  const KeyRecord key{kPartition, "person/of this name", "and of this value"};
  const auto after = write(2);
  {
    const auto log = open();
    History history = after.back();
    const auto writer = writer_of(*log, {0});
    ASSERT_TRUE(writer->append(batch({history.next(kPartition, schema::KeyUsed{}, "x")}, {key})));
  }
  const std::string whole = bytes_of(segment(1));
  const std::size_t last_batch = whole.rfind("\xb0xf\x01", data_end(whole));
  const std::size_t value = whole.find(key.value);
  for (std::size_t lost = value; lost < value + key.value.size(); ++lost) {
    SCOPED_TRACE(lost);
    std::string torn = whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(lost), torn.end(), '\0');
    write_bytes(segment(1), torn);
    std::vector<TornEnd> told;
    const auto log = open_embedded(
        {.directory = directory_.path(), .partitions = 2, .on_torn_end = [&](const TornEnd& end) {
           told.push_back(end);
         }});
    ASSERT_TRUE(log) << log.error().message;
    expect_holds(**log, after[2], kPartition);
    EXPECT_EQ((*log)->key(kPartition, key.name), std::nullopt);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].begin, last_batch);
    EXPECT_EQ(told[0].events, std::vector<Position>({{kPartition, {5}}}));
    ASSERT_TRUE(told[0].kept);
    EXPECT_EQ(bytes_of(*told[0].kept), torn.substr(last_batch, data_end(torn) - last_batch));
  }
}

TEST_F(EmbeddedLogDirectory, KeepsALastBatchWhoseKeyItDestroysItself) {
  History history = write(0).back();
  {
    const auto log = open();
    const auto writer = writer_of(*log, {0});
    ASSERT_TRUE(
        writer->append(batch({history.next(kPartition, schema::KeyUsed{}, "x")},
                             {{kPartition, "person/a", "wrapped"}, {kPartition, "person/a", ""}})));
  }
  // As a crash in the middle of overwriting may leave it.
  std::string bytes = bytes_of(segment(1));
  const std::size_t state = bytes.find("person/a") + std::string_view("person/a").size();
  ASSERT_EQ(bytes[state], '\1');
  bytes[state] = '\0';
  write_bytes(segment(1), bytes);
  const auto log = open();
  expect_holds(*log, history, kPartition);
  EXPECT_TRUE(log->damaged_keys()->empty());
}

TEST_F(EmbeddedLogDirectory, NamesTheKeysThatAreDamagedAndNoneThatIsDestroyed) {
  for (const bool sealed : {false, true}) {
    SCOPED_TRACE(sealed);
    fs::remove_all(directory_.path());
    segment_bytes_ = 4096;
    History history = write(0).back();
    {
      const auto log = open();
      const auto writer = writer_of(*log, {0});
      for (const std::string name : {"person/a", "person/b", "person/c"})
        ASSERT_TRUE(writer->append(batch({history.next(kPartition, schema::KeyUsed{}, "x")},
                                         {{kPartition, name, "wrapped for " + name}})));
      ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/c", ""}})));
      while (sealed && !fs::exists(index(1)))
        ASSERT_TRUE(writer->append(history.next_batch(kPartition, 2)));
      EXPECT_TRUE(log->damaged_keys()->empty());
    }
    std::string bytes = bytes_of(segment(1));
    bytes[bytes.find("wrapped for person/b")] ^= 0x20;
    write_bytes(segment(1), bytes);
    const auto log = open();
    expect_holds(*log, history, kPartition);
    EXPECT_FALSE(log->key(kPartition, "person/b"));
    const auto damaged = log->damaged_keys();
    ASSERT_TRUE(damaged) << damaged.error().message;
    EXPECT_EQ(*damaged, (std::set<KeyName>{{kPartition, "person/b"}}));
  }
}

TEST_F(EmbeddedLogDirectory, SaysNoEventOfATornEndThatNoneCanBeReadOf) {
  (void)write(1);
  const std::string whole = bytes_of(segment(1));
  std::string torn = whole;
  torn.replace(data_end(whole), 100, std::string(100, '\x55'));
  write_bytes(segment(1), torn);
  std::vector<TornEnd> told;
  const auto log = open_embedded_for_reading(directory_.path(),
                                             [&](const TornEnd& end) { told.push_back(end); });
  ASSERT_TRUE(log);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].events, std::vector<Position>());
  EXPECT_EQ(told[0].end, data_end(whole) + 100);
}

TEST_F(EmbeddedLogDirectory, IsCorruptWhereAByteBeforeTheLastBatchHasChanged) {
  (void)write(4);
  const std::string whole = bytes_of(segment(1));
  const std::size_t last_batch = whole.rfind("\xb0xf\x01", data_end(whole));
  for (std::size_t at = 64; at < last_batch; at += 5) {
    SCOPED_TRACE(at);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x01);
    write_bytes(segment(1), damaged);
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, LogErrorKind::corrupt);
    EXPECT_THAT(opened.error().message,
                AllOf(HasSubstr(segment(1).string()), HasSubstr("at byte ")));
  }
  write_bytes(segment(1), whole);
  EXPECT_TRUE(try_open());
}

TEST_F(EmbeddedLogDirectory, IsCorruptWhereTheHeaderOfASegmentHasChanged) {
  (void)write(2);
  const std::string whole = bytes_of(segment(1));
  for (std::size_t at = 0; at < 40; ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x01);
    write_bytes(segment(1), damaged);
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, LogErrorKind::corrupt);
  }
}

TEST_F(EmbeddedLogDirectory, SaysWhichEventIsDamagedWhereTheOpenSegmentHasChanged) {
  (void)write(4);
  std::string damaged = bytes_of(segment(1));
  const std::size_t second_batch = damaged.find("\xb0xf\x01", 64 + 4);
  ASSERT_NE(second_batch, std::string::npos);
  damaged[second_batch + 32 + 17 + 20] ^= 0x01;
  write_bytes(segment(1), damaged);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("event 0:3"));
}

TEST_F(EmbeddedLogDirectory, SaysWhichEventIsDamagedWhereASealedSegmentHasChanged) {
  segment_bytes_ = 4096;
  (void)write(20);
  ASSERT_TRUE(fs::exists(index(1)));
  std::string damaged = bytes_of(segment(1));
  damaged[64 + 32 + 17 + 20] ^= 0x01;
  write_bytes(segment(1), damaged);
  const auto log = open();
  const auto at = log->at({kPartition, {1}});
  ASSERT_FALSE(at);
  EXPECT_EQ(at.error().kind, LogErrorKind::corrupt);
  EXPECT_THAT(at.error().message, AllOf(HasSubstr(segment(1).string()), HasSubstr("0:1")));
  const auto read = log->read_after({kPartition, {0}})->read(1000);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, LogErrorKind::corrupt);
}

TEST_F(EmbeddedLogDirectory, IsCorruptWhereASegmentIsMissingOrCut) {
  segment_bytes_ = 4096;
  (void)write(20);
  const std::string second = bytes_of(segment(2));
  write_bytes(segment(2), std::string_view(second).substr(0, second.size() - 1));
  const auto cut = try_open();
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, LogErrorKind::corrupt);
  fs::remove(segment(2));
  const auto missing = try_open();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, LogErrorKind::corrupt);
  EXPECT_THAT(missing.error().message, HasSubstr(segment(2).string()));
}

TEST_F(EmbeddedLogDirectory, MakesIndexesAnewThatAreMissingOrDamaged) {
  segment_bytes_ = 4096;
  const auto after = write(20);
  ASSERT_TRUE(fs::exists(index(2)));
  const std::string good = bytes_of(index(2));
  fs::remove(index(1));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_bytes(index(2), damaged);
    const auto log = open();
    expect_holds(*log, after.back(), kPartition);
    if (HasFailure()) return;
  }
  (void)open();
  EXPECT_EQ(bytes_of(index(2)), good);
  EXPECT_TRUE(fs::exists(index(1)));
}

TEST_F(EmbeddedLogDirectory, IsNotChangedByOpeningItForReading) {
  segment_bytes_ = 4096;
  const auto after = write(20);
  // A torn end, an index to be made anew, something half made: all that opening for writing mends.
  fs::path last;
  for (int number = 1; fs::exists(segment(number)); ++number) last = segment(number);
  std::string torn = bytes_of(last);
  torn.resize(data_end(torn));
  write_bytes(last, torn + "half written");
  fs::remove(index(1));
  write_bytes(directory_.path() / "log" / "next.tmp", "something");

  const auto before = everything();
  {
    const auto log = open_embedded_for_reading(directory_.path());
    ASSERT_TRUE(log) << log.error().message;
    const auto other = open_embedded_for_reading(directory_.path());
    ASSERT_TRUE(other) << "several may read";
    expect_holds(**log, after.back(), kPartition);
    const Partition partitions[] = {kPartition};
    const auto writer = (*log)->take_over(partitions);
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().kind, LogErrorKind::unavailable);
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, LogErrorKind::in_use);
  }
  EXPECT_EQ(everything(), before);
}

TEST_F(EmbeddedLogDirectory, IsHeldByOneProcessWhoseIdIsNamed) {
  const auto log = open();
  const std::string pid = std::to_string(::getpid());
  const auto second = try_open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, LogErrorKind::in_use);
  EXPECT_THAT(second.error().message, HasSubstr("process " + pid));
  const auto reading = open_embedded_for_reading(directory_.path());
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().kind, LogErrorKind::in_use);
  EXPECT_THAT(reading.error().message, HasSubstr("process " + pid));
}

TEST_F(EmbeddedLogDirectory, NamesNobodyOnceItIsGivenBack) {
  auto log = open();
  const std::string pid = std::to_string(::getpid());
  EXPECT_EQ(bytes_of(directory_.path() / "LOCK"), pid + "\n");
  log.reset();
  EXPECT_EQ(bytes_of(directory_.path() / "LOCK"), "");
  EXPECT_TRUE(open_embedded_for_reading(directory_.path()));
}

TEST_F(EmbeddedLogDirectory, OfAnotherVersionIsRefusedUnchanged) {
  (void)write(1);
  write_bytes(directory_.path() / "FORMAT", "boxoffice 2\n");
  const auto before = everything();
  for (const auto& opened : {try_open(), open_embedded_for_reading(directory_.path())}) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, LogErrorKind::wrong_format);
    EXPECT_THAT(opened.error().message,
                AllOf(HasSubstr("\"boxoffice 2\""), HasSubstr("\"boxoffice 1\"")));
  }
  EXPECT_EQ(everything(), before);
  fs::remove(directory_.path() / "FORMAT");
  EXPECT_EQ(try_open().error().kind, LogErrorKind::wrong_format);
}

TEST_F(EmbeddedLogDirectory, ThatIsNoneIsNotMadeForReading) {
  const auto opened = open_embedded_for_reading(directory_.path() / "nowhere");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, LogErrorKind::wrong_format);
  EXPECT_FALSE(fs::exists(directory_.path() / "nowhere"));
}

TEST_F(EmbeddedLogDirectory, IsForItsOwnerAlone) {
  segment_bytes_ = 4096;
  const fs::path inner = directory_.path() / "made" / "by the log";
  (void)open_embedded({.directory = inner, .partitions = 2, .segment_bytes = 4096});
  constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;
  for (const auto& entry : fs::recursive_directory_iterator(directory_.path()))
    EXPECT_EQ(entry.status().permissions() & kOthers, fs::perms::none) << entry.path();
}

TEST_F(EmbeddedLogDirectory, KeepsItsNumberOfPartitions) {
  (void)write(1);
  const auto log = open_embedded({.directory = directory_.path(), .partitions = 7});
  ASSERT_TRUE(log);
  EXPECT_EQ((*log)->partitions(), 2);
}

TEST_F(EmbeddedLogDirectory, SpreadsOverManySegments) {
  segment_bytes_ = 4096;
  const auto after = write(200);
  int segments = 0;
  while (fs::exists(segment(segments + 1)) && segments < 9) ++segments;
  EXPECT_EQ(segments, 9);
  for (int number = 1; number < segments; ++number) EXPECT_TRUE(fs::exists(index(number)));
  expect_holds(*open(), after.back(), kPartition);
}

TEST_F(EmbeddedLogDirectory, HasNoByteOfADestroyedKeyInAnyFile) {
  segment_bytes_ = 4096;
  const std::string wrapped = "the wrapped key of somebody";
  const std::string rewrapped = "the same, wrapped once more";
  const auto found_in = [&](const std::string& text) {
    int found = 0;
    for (const auto& [path, bytes] : everything()) found += bytes.find(text) != std::string::npos;
    return found;
  };
  const auto after = write(0);
  History history = after.back();
  {
    const auto log = open();
    const auto writer = writer_of(*log, {0, 1});
    ASSERT_TRUE(writer->append(batch(
        {}, {{kPartition, "person/a", wrapped}, {kPartition, "person/b", "that of another"}})));
    ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/a", rewrapped}})));
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(writer->append(history.next_batch(kPartition, 3)));
    ASSERT_TRUE(writer->append(batch({}, {{{1}, "person/a", wrapped + ", elsewhere"}})));
    EXPECT_GT(found_in(wrapped), 0);
    EXPECT_GT(found_in(rewrapped), 0);
    ASSERT_TRUE(writer->append(batch({history.next(kPartition, schema::KeyUsed{}, "x")},
                                     {{kPartition, "person/a", ""}, {{1}, "person/a", ""}})));
    EXPECT_EQ(found_in(wrapped), 0) << "at once, without a restart";
    EXPECT_EQ(found_in(rewrapped), 0);
  }
  const auto log = open();
  EXPECT_EQ(*log->key(kPartition, "person/a"), std::nullopt);
  EXPECT_EQ(*log->key(kPartition, "person/b"), "that of another");
  expect_holds(*log, history, kPartition);
  const auto writer = writer_of(*log, {0});
  ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/a", "a new one"}})));
  EXPECT_EQ(*log->key(kPartition, "person/a"), "a new one");
}

TEST_F(EmbeddedLogDirectory, FinishesWhatACrashLeftOfDestroyingAKey) {
  const std::string wrapped = "the wrapped key of somebody";
  {
    const auto log = open();
    const auto writer = writer_of(*log, {0});
    ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/a", wrapped}})));
  }
  const std::string before = bytes_of(segment(1));
  const std::size_t value = before.find(wrapped);
  {
    const auto log = open();
    const auto writer = writer_of(*log, {0});
    ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/a", ""}})));
  }
  const std::string destroyed = bytes_of(segment(1));
  // The crash came before the overwriting, or in its middle.
  for (const std::size_t overwritten : {std::size_t{0}, std::size_t{9}}) {
    std::string crashed = destroyed;
    std::copy_n(wrapped.begin() + static_cast<std::ptrdiff_t>(overwritten),
                wrapped.size() - overwritten,
                crashed.begin() + static_cast<std::ptrdiff_t>(value + overwritten));
    if (overwritten == 0) crashed[value - 1] = 0;
    write_bytes(segment(1), crashed);
    EXPECT_EQ(*open()->key(kPartition, "person/a"), std::nullopt);
    EXPECT_EQ(bytes_of(segment(1)), destroyed);
  }
}

TEST_F(EmbeddedLogDirectory, IsCorruptWhereALiveKeyHasChanged) {
  const std::string wrapped = "the wrapped key of somebody";
  {
    const auto log = open();
    const auto writer = writer_of(*log, {0});
    ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/a", wrapped}})));
    ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/b", "written after it"}})));
  }
  std::string damaged = bytes_of(segment(1));
  damaged[damaged.find(wrapped)] ^= 0x01;
  write_bytes(segment(1), damaged);
  const auto log = open();
  const auto found = log->key(kPartition, "person/a");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, LogErrorKind::corrupt);
  const auto all = log->read_keys([](const KeyRecord&) { return true; });
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().kind, LogErrorKind::corrupt);
}

TEST_F(EmbeddedLogDirectory, HandsOverKeysThoughAnOldOneWasHalfDestroyed) {
  const std::string wrapped = "the wrapped key of somebody";
  {
    const auto log = open();
    const auto writer = writer_of(*log, {0});
    ASSERT_TRUE(writer->append(
        batch({}, {{kPartition, "person/a", wrapped}, {kPartition, "person/b", "b"}})));
    ASSERT_TRUE(writer->append(batch({}, {{kPartition, "person/a", "anew"}})));
  }
  std::string damaged = bytes_of(segment(1));
  damaged[damaged.find(wrapped)] ^= 0x01;
  write_bytes(segment(1), damaged);
  std::vector<std::string> values;
  const auto read = open()->read_keys([&](const KeyRecord& key) {
    values.push_back(key.value);
    return true;
  });
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(values, (std::vector<std::string>{"b", "anew"}));
}

}  // namespace
}  // namespace boxoffice::event_log::testing
