// Where the two roots come from: settings, or files that the first start makes.

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "sealing/randomness.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::sealing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHexDigits = 2 * sizeof(Secret::bytes);

/// Text that holds a key for a moment.
struct KeyText {
  std::array<char, kHexDigits + 2>
      characters{};  // one more than a line has, so that a longer file is seen
  ~KeyText() { sodium_memzero(characters.data(), characters.size()); }
};

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  explicit operator bool() const { return value_ >= 0; }

 private:
  int value_;
};

std::unexpected<std::string> failed(const fs::path& path, std::string_view what) {
  return std::unexpected(path.string() + ": " + std::string(what));
}

std::unexpected<std::string> failed_with_errno(const fs::path& path, std::string_view what) {
  return failed(path, std::string(what) + ": " + std::generic_category().message(errno));
}

std::optional<Secret> secret_from_hex(std::string_view hex) {
  Secret secret;
  if (hex.size() != kHexDigits) return std::nullopt;
  std::size_t read = 0;
  if (sodium_hex2bin(secret.bytes.data(), secret.bytes.size(), hex.data(), hex.size(), nullptr,
                     &read, nullptr) != 0 ||
      read != secret.bytes.size())
    return std::nullopt;
  return secret;
}

std::expected<Secret, std::string> from_setting(std::string_view name, std::string_view hex) {
  if (const std::optional<Secret> secret = secret_from_hex(hex)) return *secret;
  return std::unexpected(std::string(name) + ": must be 64 hex digits (32 bytes), but has " +
                         std::to_string(hex.size()) + " characters" +
                         (hex.size() == kHexDigits ? ", not all of them hex digits" : ""));
}

std::expected<Secret, std::string> from_descriptor(const fs::path& path, int file) {
  struct stat status;
  if (::fstat(file, &status) != 0) return failed_with_errno(path, "cannot be examined");
  if (!S_ISREG(status.st_mode)) return failed(path, "is not a file");
  if ((status.st_mode & 077) != 0)
    return failed(path,
                  "may be read by others; chmod 600 it, or make new keys if others had access");

  KeyText text;
  std::size_t length = 0;
  while (length < text.characters.size()) {
    const ssize_t got =
        ::read(file, text.characters.data() + length, text.characters.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed_with_errno(path, "cannot be read");
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > 0 && text.characters[length - 1] == '\n') --length;
  if (const std::optional<Secret> secret = secret_from_hex({text.characters.data(), length}))
    return *secret;
  return failed(path,
                "must hold 64 hex digits and nothing else; restore it from a backup: "
                "without it nothing sealed can be opened");
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Writes a fresh key under another name and links it to `path` when it is whole and synced: a
/// crash never leaves half a key. Where another was faster, its key stays.
std::expected<void, std::string> make_file(const fs::path& path) {
  Secret secret;
  fill_random(secret.bytes);
  KeyText text;
  sodium_bin2hex(text.characters.data(), kHexDigits + 1, secret.bytes.data(), secret.bytes.size());
  text.characters[kHexDigits] = '\n';

  const fs::path draft = path.string() + "." + random_text();
  const Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return failed_with_errno(path, "cannot be made");
  const bool made = write_all(file.get(), {text.characters.data(), kHexDigits + 1}) &&
                    ::fsync(file.get()) == 0 &&
                    (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int reason = errno;
  ::unlink(draft.c_str());
  errno = reason;
  if (!made) return failed_with_errno(path, "cannot be made");

  const Descriptor directory(
      ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0)
    return failed_with_errno(path, "cannot be made durable");
  return {};
}

/// Whether the directory was used with roots before.
bool had_roots(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / kRootsCheck, error) || error;
}

std::expected<Secret, std::string> from_file(const fs::path& path) {
  for (bool made = false;; made = true) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file) return from_descriptor(path, file.get());
    if (errno != ENOENT || made) return failed_with_errno(path, "cannot be opened");
    if (had_roots(path.parent_path()))
      return failed(path, "is missing: restore it from the backup; no other key will do");
    if (auto done = make_file(path); !done) return std::unexpected(std::move(done).error());
  }
}

std::expected<void, std::string> make_directory(const fs::path& directory) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return {};
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (error || (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST))
    return failed_with_errno(directory, "cannot be made");
  return {};
}

std::expected<Secret, std::string> root(const fs::path& directory, std::string_view setting,
                                        std::string_view file,
                                        std::optional<std::string_view> hex) {
  if (hex) return from_setting(setting, *hex);
  if (auto made = make_directory(directory); !made) return std::unexpected(std::move(made).error());
  return from_file(directory / file);
}

}  // namespace

Secret::~Secret() { sodium_memzero(bytes.data(), bytes.size()); }

std::expected<Roots, std::string> load_roots(const fs::path& directory,
                                             std::optional<std::string_view> master_hex,
                                             std::optional<std::string_view> pepper_hex) {
  auto master = root(directory, "master-key", "master.key", master_hex);
  if (!master) return std::unexpected(std::move(master).error());
  auto pepper = root(directory, "pepper", "pepper.key", pepper_hex);
  if (!pepper) return std::unexpected(std::move(pepper).error());
  return Roots{.master = *master, .pepper = *pepper};
}

}  // namespace boxoffice::sealing
