#include "commands/processor/snapshot_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "commands/processor/pages.hpp"

namespace boxoffice::processor {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".snapshot";
/// The newest, and one for when it cannot be read. The one behind them is written over next:
/// freeing its blocks would keep the log's syncs waiting where the device is told of them (mount
/// option discard; 12 ms for 60 MB).
constexpr std::size_t kKept = 2;
constexpr std::string_view kNext = "next";

/// A file that is written beside the log's, piece by piece: none begins before the disk has the
/// last one. Written back all at once, a state of 60 MB keeps the log's next sync waiting for 30
/// ms.
class SteadyFile {
 public:
  explicit SteadyFile(const fs::path& path)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) {}
  ~SteadyFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SteadyFile(const SteadyFile&) = delete;
  SteadyFile& operator=(const SteadyFile&) = delete;

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written =
          ::pwrite(descriptor_, bytes.data(), std::min(bytes.size(), kPieceBytes), end_);
      if (written <= 0) return false;
      // Where a file system cannot do that, `sync` does it all.
      (void)::sync_file_range(descriptor_, end_, written, kWriteBackAndWait);
      end_ += written;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  /// It ends where writing ended, whatever it held before.
  bool sync() { return ::ftruncate(descriptor_, end_) == 0 && ::fdatasync(descriptor_) == 0; }

 private:
  /// The kernel copies a piece in one go, and nobody else has that core meanwhile.
  static constexpr std::size_t kPieceBytes = 64u << 10;
  static constexpr unsigned kWriteBackAndWait =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

  const int descriptor_;
  off_t end_ = 0;
};

bool write_synced(const fs::path& path, WriteTo write) {
  SteadyFile file(path);
  return std::exchange(write, nullptr)([&](std::string_view bytes) { return file.write(bytes); }) &&
         file.sync();
}

bool read_all(const fs::path& file, char* into, std::size_t bytes) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  while (bytes > 0) {
    const ssize_t got = ::read(descriptor, into, bytes);
    if (got <= 0) break;
    into += got;
    bytes -= static_cast<std::size_t>(got);
  }
  ::close(descriptor);
  return bytes == 0;
}

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

std::optional<schema::Sequence> sequence_of(const std::string& name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  const char* end = name.data() + name.size() - kSuffix.size();
  schema::Sequence sequence;
  const auto [rest, error] = std::from_chars(name.data(), end, sequence.value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return sequence;
}

}  // namespace

SnapshotDirectory::SnapshotDirectory(fs::path directory) : directory_(std::move(directory)) {}

bool SnapshotDirectory::save(schema::Position position, WriteTo frame) {
  std::error_code error;
  const fs::path folder = folder_of(position.partition);
  fs::create_directories(folder, error);
  const fs::path next = folder / kNext;
  if (!write_synced(next, std::move(frame))) {
    fs::remove(next, error);
    return false;
  }
  fs::rename(next, file_of(position), error);
  if (error) return false;
  sync_folder(folder);
  const std::vector<schema::Sequence> newest_first = list(position.partition);
  for (std::size_t i = kKept; i < newest_first.size(); ++i)
    fs::rename(file_of({position.partition, newest_first[i]}), next, error);
  return true;
}

std::vector<schema::Sequence> SnapshotDirectory::list(schema::Partition partition) {
  std::vector<schema::Sequence> sequences;
  std::error_code error;
  for (fs::directory_iterator entry(folder_of(partition), error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto sequence = sequence_of(entry->path().filename().string()))
      sequences.push_back(*sequence);
  }
  std::ranges::sort(sequences, std::greater{});
  return sequences;
}

std::optional<SnapshotStore::Frame> SnapshotDirectory::read(schema::Position position) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file_of(position), error);
  if (error || bytes == 0) return std::nullopt;
  auto frame = pages(bytes);
  if (frame == nullptr || !read_all(file_of(position), frame.get(), bytes)) return std::nullopt;
  return Frame{.bytes = {frame.get(), bytes}, .kept_by = frame};
}

fs::path SnapshotDirectory::folder_of(schema::Partition partition) const {
  return directory_ / std::to_string(partition.value);
}

fs::path SnapshotDirectory::file_of(schema::Position position) const {
  return folder_of(position.partition) /
         (std::to_string(position.sequence.value) + std::string(kSuffix));
}

}  // namespace boxoffice::processor
