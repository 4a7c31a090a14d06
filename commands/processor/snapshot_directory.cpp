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
constexpr std::size_t kKept = 2;

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool write_synced(const fs::path& file, WriteTo write) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  bool good = std::exchange(
      write, nullptr)([&](std::string_view bytes) { return write_all(descriptor, bytes); });
  good = good && ::fdatasync(descriptor) == 0;
  return ::close(descriptor) == 0 && good;
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
  const fs::path file = file_of(position);
  const fs::path beside = folder / "new";
  if (!write_synced(beside, std::move(frame))) {
    fs::remove(beside, error);
    return false;
  }
  fs::rename(beside, file, error);
  if (error) return false;
  sync_folder(folder);
  std::size_t kept = 0;
  for (const schema::Sequence sequence : list(position.partition)) {
    if (++kept > kKept) fs::remove(file_of({position.partition, sequence}), error);
  }
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
