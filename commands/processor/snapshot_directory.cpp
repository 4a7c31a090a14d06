#include "commands/processor/snapshot_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>

namespace boxoffice::processor {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".snapshot";
constexpr std::size_t kKept = 2;

bool write_synced(const fs::path& file, std::string_view bytes) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  bool good = true;
  while (good && !bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    good = written > 0;
    if (good) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fdatasync(descriptor) == 0;
  return ::close(descriptor) == 0 && good;
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

bool SnapshotDirectory::save(schema::Position position, std::string_view frame) {
  std::error_code error;
  const fs::path folder = folder_of(position.partition);
  fs::create_directories(folder, error);
  const fs::path file = file_of(position);
  const fs::path beside = folder / "new";
  if (!write_synced(beside, frame)) {
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

std::optional<std::string> SnapshotDirectory::read(schema::Position position) {
  std::ifstream file(file_of(position), std::ios::binary | std::ios::ate);
  if (!file) return std::nullopt;
  std::string frame(static_cast<std::size_t>(file.tellg()), '\0');
  file.seekg(0);
  if (!file.read(frame.data(), static_cast<std::streamsize>(frame.size()))) return std::nullopt;
  return frame;
}

fs::path SnapshotDirectory::folder_of(schema::Partition partition) const {
  return directory_ / std::to_string(partition.value);
}

fs::path SnapshotDirectory::file_of(schema::Position position) const {
  return folder_of(position.partition) /
         (std::to_string(position.sequence.value) + std::string(kSuffix));
}

}  // namespace boxoffice::processor
