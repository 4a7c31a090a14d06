#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "event-log/embedded/embedded_log.hpp"
#include "event-log/embedded/format.hpp"
#include "event-log/embedded/open.hpp"
#include "tests/log/history.hpp"
#include "tests/temporary_directory.hpp"

// Reading what another process is still writing: a checkpoint's last segment is the holder's, too.
namespace boxoffice::event_log::testing {
namespace {

namespace fs = std::filesystem;
using embedded::File;
using embedded::Mapping;
using embedded::OpenMode;
using embedded::real_files;

constexpr Partition kPartition{0};

/// A file that grows while it is read: its first read finds only zeros behind `seen_at_first`.
class GrowingFile final : public File {
 public:
  GrowingFile(std::unique_ptr<File> file, std::uint64_t seen_at_first)
      : file_(std::move(file)), seen_at_first_(seen_at_first) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    auto got = file_->read_at(offset, into);
    if (got && into.size() > embedded::kSegmentHeaderBytes && !std::exchange(grown_, true)) {
      const std::size_t seen = seen_at_first_ > offset ? seen_at_first_ - offset : 0;
      if (seen < *got) std::ranges::fill(into.subspan(seen, *got - seen), '\0');
    }
    return got;
  }
  Result<std::uint64_t> size() override { return file_->size(); }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    return file_->write_at(offset, bytes);
  }
  Result<void> sync() override { return file_->sync(); }
  Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
  Result<std::unique_ptr<Mapping>> map() override { return file_->map(); }
  Result<bool> lock(bool exclusive) override { return file_->lock(exclusive); }

 private:
  const std::unique_ptr<File> file_;
  const std::uint64_t seen_at_first_;
  bool grown_ = false;
};

/// The real file system, whose segments grow.
class GrowingFiles final : public embedded::Files {
 public:
  explicit GrowingFiles(std::uint64_t seen_at_first) : seen_at_first_(seen_at_first) {}

  Result<std::unique_ptr<File>> open(const fs::path& path, OpenMode mode) override {
    auto file = real_files().open(path, mode);
    if (!file || path.extension() != ".log") return file;
    return std::make_unique<GrowingFile>(std::move(*file), seen_at_first_);
  }
  Result<bool> exists(const fs::path& path) override { return real_files().exists(path); }
  Result<void> make_directory(const fs::path& path) override {
    return real_files().make_directory(path);
  }
  Result<void> sync_directory(const fs::path& path) override {
    return real_files().sync_directory(path);
  }
  Result<std::vector<std::string>> names_in(const fs::path& directory) override {
    return real_files().names_in(directory);
  }
  Result<void> rename(const fs::path& from, const fs::path& to) override {
    return real_files().rename(from, to);
  }
  Result<void> remove(const fs::path& path) override { return real_files().remove(path); }

 private:
  const std::uint64_t seen_at_first_;
};

std::uint64_t data_end(const fs::path& segment) {
  std::string bytes(fs::file_size(segment), '\0');
  std::ifstream(segment, std::ios::binary)
      .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes.find_last_not_of('\0') + 1;
}

TEST(EmbeddedLogInUse, IsReadWhollyWhereverItsLastWriteHadComeTo) {
  const TemporaryDirectory directory;
  History history = [&] {
    const auto log = *open_embedded({.directory = directory.path(), .partitions = 2});
    const auto writer = writer_of(*log, {0});
    History history(*log);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(writer->append(history.next_batch(kPartition, 2)));
    return history;
  }();
  const std::uint64_t end = data_end(directory.path() / "log" / "00000001.log");
  for (std::uint64_t seen = embedded::kSegmentHeaderBytes; seen <= end; seen += 13) {
    SCOPED_TRACE(seen);
    GrowingFiles files(seen);
    const auto log = embedded::open_for_reading(directory.path(), files);
    ASSERT_TRUE(log) << log.error().message;
    // Where the last batch was being written it is left out, or it was whole at the second look.
    const Sequence read = (*log)->end(kPartition);
    EXPECT_GE(read.value + 2, history.end(kPartition).value);
    EXPECT_EQ(read_all(**log, {kPartition, {0}}).size(), read.value);
  }
}

}  // namespace
}  // namespace boxoffice::event_log::testing
