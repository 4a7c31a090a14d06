#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "commands/domain/snapshot.hpp"

/// What snapshots are written and read with: numbers, ids, text.
namespace boxoffice::domain {

static_assert(std::endian::native == std::endian::little, "snapshots are little-endian");

/// "BOXSNAP" and the version of the format.
inline constexpr std::uint64_t kSnapshotMagic = 0x02'50'41'4e'53'58'4f'42;

/// Gathers bytes and hands them on when there are many.
class SnapshotWriter {
 public:
  explicit SnapshotWriter(const Sink& sink) : sink_(sink) { buffer_.reserve(2 * kFlushBytes); }

  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put(const T& value) {
    buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
    if (buffer_.size() >= kFlushBytes) flush();
  }

  void put_text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    buffer_.append(text);
  }

  void flush() {
    if (accepted_ && !buffer_.empty()) accepted_ = sink_(buffer_);
    buffer_.clear();
  }
  bool accepted() const { return accepted_; }

 private:
  static constexpr std::size_t kFlushBytes = 256 * 1024;
  const Sink& sink_;
  std::string buffer_;
  bool accepted_ = true;
};

/// Reads what is there; past the end, or after anything that was wrong, `failed` and zeros.
class SnapshotReader {
 public:
  explicit SnapshotReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T get() {
    T value{};
    if (rest_.size() < sizeof value) {
      fail("it ends too early");
      return value;
    }
    std::memcpy(static_cast<void*>(&value), rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }

  std::string_view text() {
    const auto size = get<std::uint32_t>();
    if (rest_.size() < size) {
      fail("it ends too early");
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  /// A count of items that take `bytes_each` at least: never more than there can be.
  template <class T>
  T count(std::size_t bytes_each) {
    const T count = get<T>();
    if (rest_.size() / bytes_each >= count) return count;
    fail("a count is larger than what follows");
    return 0;
  }

  void fail(std::string_view why) {
    if (failure_.empty()) failure_ = why;
    rest_ = {};
  }
  bool failed() const { return !failure_.empty(); }
  bool at_end() const { return rest_.empty(); }
  const std::string& failure() const { return failure_; }

 private:
  std::string_view rest_;
  std::string failure_;
};

}  // namespace boxoffice::domain
