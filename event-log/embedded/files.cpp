#include "event-log/embedded/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace boxoffice::event_log::embedded {
namespace {

namespace fs = std::filesystem;

std::unexpected<LogError> failed(std::string_view action, const fs::path& path, int error) {
  std::string message = "cannot " + std::string(action) + " " + path.string() + ": ";
  message += std::strerror(error);
  if (error == ENOSPC || error == EDQUOT)
    message += " (free some space; the log goes on by itself)";
  else if (error == EIO)
    message += " (look at the disk and the kernel's log)";
  else if (error == EACCES || error == EPERM || error == EROFS)
    message += " (the service's user must own the directory)";
  else if (error == EMFILE)
    message += " (raise the limit of open files)";
  return std::unexpected(LogError{LogErrorKind::unavailable, std::move(message)});
}

class MappedFile final : public Mapping {
 public:
  explicit MappedFile(std::span<const char> bytes) : bytes_(bytes) {}
  ~MappedFile() override {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  std::span<const char> bytes() const override { return bytes_; }
  void let_go() const override {
    if (!bytes_.empty()) ::madvise(const_cast<char*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
  }

 private:
  const std::span<const char> bytes_;
};

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, fs::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override { ::close(descriptor_); }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return failed("look at", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(descriptor_, into.data() + done, into.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t put =
          ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failed("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(put));
      offset += static_cast<std::size_t>(put);
    }
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_) != 0) return failed("sync", path_, errno);
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
      return failed("truncate", path_, errno);
    return {};
  }

  Result<std::unique_ptr<Mapping>> map() override {
    const auto bytes = size();
    if (!bytes) return std::unexpected(bytes.error());
    if (*bytes == 0) return std::make_unique<MappedFile>(std::span<const char>{});
    void* const start = ::mmap(nullptr, *bytes, PROT_READ, MAP_SHARED, descriptor_, 0);
    if (start == MAP_FAILED) return failed("map", path_, errno);
    return std::make_unique<MappedFile>(std::span(static_cast<const char*>(start), *bytes));
  }

  Result<bool> lock(bool exclusive) override {
    if (::flock(descriptor_, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    return failed("lock", path_, errno);
  }

 private:
  const int descriptor_;
  const fs::path path_;
};

class PosixFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open(const fs::path& path, OpenMode mode) override {
    const int flags = mode == OpenMode::read    ? O_RDONLY
                      : mode == OpenMode::write ? O_RDWR
                                                : O_RDWR | O_CREAT | O_TRUNC;
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed("open", path, errno);
    return std::make_unique<PosixFile>(descriptor, path);
  }

  Result<bool> exists(const fs::path& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT) return false;
    return failed("look at", path, errno);
  }

  Result<void> make_directory(const fs::path& path) override {
    const auto there = exists(path);
    if (!there) return std::unexpected(there.error());
    if (*there) return {};
    const fs::path parent = path.parent_path();
    if (!parent.empty() && parent != path)
      if (auto made = make_directory(parent); !made) return made;
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path, errno);
    return sync_directory(parent.empty() ? fs::path(".") : parent);
  }

  Result<void> sync_directory(const fs::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failed("open", path, errno);
    const PosixFile directory(descriptor, path);
    if (::fsync(descriptor) != 0) return failed("sync", path, errno);
    return {};
  }

  Result<std::vector<std::string>> names_in(const fs::path& directory) override {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
      names.push_back(entry->path().filename().string());
    if (error) return failed("list", directory, error.value());
    return names;
  }

  Result<void> rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from, errno);
    return {};
  }

  Result<void> remove(const fs::path& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path, errno);
    return {};
  }
};

}  // namespace

Files& real_files() {
  static PosixFiles files;
  return files;
}

Result<std::string> contents(Files& files, const fs::path& path) {
  auto file = files.open(path, OpenMode::read);
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  std::string bytes(*size, '\0');
  const auto got = (*file)->read_at(0, bytes);
  if (!got) return std::unexpected(got.error());
  bytes.resize(*got);
  return bytes;
}

Result<void> publish(Files& files, const fs::path& path, std::string_view bytes) {
  const fs::path unfinished = path.string() + ".tmp";
  {
    auto file = files.open(unfinished, OpenMode::create);
    if (!file) return std::unexpected(file.error());
    if (auto written = (*file)->write_at(0, bytes); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
  }
  if (auto renamed = files.rename(unfinished, path); !renamed) return renamed;
  return files.sync_directory(path.parent_path());
}

}  // namespace boxoffice::event_log::embedded
