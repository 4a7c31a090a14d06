#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "events-schema/values.hpp"

/// Rows as bytes. Numbers are big-endian, so that the order of keys is the order of numbers;
/// nothing is padded.
namespace boxoffice::projections {

/// Appends to a string that it is lent.
class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}

  Packer& u8(std::uint8_t value) { return number<1>(value); }
  Packer& u16(std::uint16_t value) { return number<2>(value); }
  Packer& u32(std::uint32_t value) { return number<4>(value); }
  Packer& u64(std::uint64_t value) { return number<8>(value); }

  Packer& bytes(std::span<const std::uint8_t> bytes) {
    out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return *this;
  }
  /// REQUIRES: at most 65,535 bytes.
  Packer& text(std::string_view text) {
    u16(static_cast<std::uint16_t>(text.size()));
    out_.append(text);
    return *this;
  }
  Packer& position(schema::Position position) {
    return u16(position.partition.value).u64(position.sequence.value);
  }
  Packer& instant(schema::Instant instant) {
    return u64(static_cast<std::uint64_t>(instant.time_since_epoch().count()));
  }

 private:
  template <int Bytes>
  Packer& number(std::uint64_t value) {
    char digits[Bytes];
    for (int i = Bytes - 1; i >= 0; --i, value >>= 8) digits[i] = static_cast<char>(value);
    out_.append(digits, Bytes);
    return *this;
  }

  std::string& out_;
};

/// Reads what a Packer wrote. Past the end every value is zero or empty, and `ok` says so for good:
/// ask once, after reading.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number<2>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number<4>()); }
  std::uint64_t u64() { return number<8>(); }

  template <std::size_t Size>
  void bytes(std::array<std::uint8_t, Size>& into) {
    const std::string_view taken = take(Size);
    for (std::size_t i = 0; i < taken.size(); ++i) into[i] = static_cast<std::uint8_t>(taken[i]);
  }
  std::string_view text() { return take(u16()); }
  schema::Position position() {
    const schema::Partition partition{u16()};
    return {partition, {u64()}};
  }
  schema::Instant instant() {
    return schema::Instant{schema::Milliseconds{static_cast<std::int64_t>(u64())}};
  }

  std::string_view rest() { return take(rest_.size()); }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  bool ok() const { return ok_; }
  /// Everything was there, and nothing is left over.
  bool complete() const { return ok_ && rest_.empty(); }

 private:
  template <int Bytes>
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (const char digit : take(Bytes)) value = value << 8 | static_cast<std::uint8_t>(digit);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace boxoffice::projections
