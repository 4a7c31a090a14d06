#include "tests/log/faulty_files.hpp"

namespace boxoffice::event_log::testing {

using embedded::File;
using embedded::Mapping;
using embedded::OpenMode;
using embedded::real_files;
using std::filesystem::path;

void FaultyFiles::fail(std::uint64_t first, std::uint64_t count, Failure how) {
  count_ = 0;
  how_ = how;
  operations_ = 0;
  first_ = first;
  failed_ = false;
  count_ = count;
}

template <class Operation, class Half>
auto FaultyFiles::run(Operation operation, Half half) -> decltype(operation()) {
  const std::uint64_t number = operations_++;
  if (number < first_ || number - first_ >= count_) return operation();
  failed_ = true;
  switch (how_.load()) {
    case Failure::without_effect:
      break;
    case Failure::half_done:
      half();
      break;
    case Failure::after_effect:
      (void)operation();
      break;
  }
  return std::unexpected(LogError{LogErrorKind::unavailable, "a planned I/O error"});
}

template <class Operation>
auto FaultyFiles::run(Operation operation) -> decltype(operation()) {
  return run(operation, [] {});
}

class FaultyFile final : public File {
 public:
  FaultyFile(FaultyFiles& files, std::unique_ptr<File> file)
      : files_(files), file_(std::move(file)) {}

  Result<std::uint64_t> size() override {
    return files_.run([&] { return file_->size(); });
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    return files_.run([&] { return file_->read_at(offset, into); });
  }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    return files_.run([&] { return file_->write_at(offset, bytes); },
                      [&] { (void)file_->write_at(offset, bytes.substr(0, bytes.size() / 2)); });
  }
  Result<void> sync() override {
    return files_.run([&] { return file_->sync(); });
  }
  Result<void> truncate(std::uint64_t size) override {
    return files_.run([&] { return file_->truncate(size); });
  }
  Result<std::unique_ptr<Mapping>> map() override {
    return files_.run([&] { return file_->map(); });
  }
  Result<bool> lock(bool exclusive) override {
    return files_.run([&] { return file_->lock(exclusive); });
  }

 private:
  FaultyFiles& files_;
  const std::unique_ptr<File> file_;
};

Result<std::unique_ptr<File>> FaultyFiles::open(const path& path, OpenMode mode) {
  return run([&]() -> Result<std::unique_ptr<File>> {
    auto file = real_files().open(path, mode);
    if (!file) return file;
    return std::make_unique<FaultyFile>(*this, std::move(*file));
  });
}

Result<bool> FaultyFiles::exists(const path& path) {
  return run([&] { return real_files().exists(path); });
}

Result<void> FaultyFiles::make_directory(const path& path) {
  return run([&] { return real_files().make_directory(path); });
}

Result<void> FaultyFiles::sync_directory(const path& path) {
  return run([&] { return real_files().sync_directory(path); });
}

Result<std::vector<std::string>> FaultyFiles::names_in(const path& directory) {
  return run([&] { return real_files().names_in(directory); });
}

Result<void> FaultyFiles::rename(const path& from, const path& to) {
  return run([&] { return real_files().rename(from, to); });
}

Result<void> FaultyFiles::remove(const path& path) {
  return run([&] { return real_files().remove(path); });
}

}  // namespace boxoffice::event_log::testing
