#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <string_view>

namespace boxoffice::event_log::embedded {

static_assert(std::endian::native == std::endian::little,
              "the log's files are little-endian, and so far only such machines write them");

/// Writes at `out` and returns the end.
template <std::unsigned_integral T>
char* put(char* out, T value) {
  std::memcpy(out, &value, sizeof value);
  return out + sizeof value;
}

/// REQUIRES: `bytes` reaches that far.
template <std::unsigned_integral T>
T get(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace boxoffice::event_log::embedded
