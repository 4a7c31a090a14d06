#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "events-schema/generated.hpp"
#include "events-schema/text_shape.hpp"

/// Random values for property tests (rapidcheck), of which the generator makes random commands and
/// events: everything that a schema admits, its bounds more often than chance would have it. For
/// use within `rc::gen::exec` and properties only.
namespace boxoffice::schema::arbitrary {

inline std::int64_t integer(std::int64_t min, std::int64_t max) {
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return min;
    case 1:
      return max;
    case 2:
      return std::min(max, min + *rc::gen::inRange(0, 3));
    default:
      return min == max ? min : *rc::gen::inRange<std::int64_t>(min, max);
  }
}

inline bool boolean() { return *rc::gen::arbitrary<bool>(); }

inline std::uint8_t byte() { return static_cast<std::uint8_t>(*rc::gen::inRange(0, 256)); }

template <class IdType>
IdType id() {
  IdType made;
  for (std::uint8_t& one : made.bytes) one = byte();
  made.bytes[0] &= 0x7f;
  return made;
}

inline Digest digest() {
  Digest made;
  for (std::uint8_t& one : made.bytes) one = byte();
  return made;
}

inline Instant instant() {
  constexpr std::int64_t kFirst = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
  constexpr std::int64_t kLast = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z
  return Instant{Milliseconds{integer(kFirst, kLast)}};
}

inline void append_character(std::string& text, std::uint32_t code) {
  const auto put = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 63));
    }
    put(0x80 | (code >> 6 & 63));
  }
  put(0x80 | (code & 63));
}

inline std::uint32_t character() {
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return *rc::gen::inRange<std::uint32_t>(0, 0x20);  // to be escaped
    case 1:
      return *rc::gen::element<std::uint32_t>('"', '\\', '/', 0x7f, 0x2028, 0xfeff, 0xffff);
    case 2:
      return *rc::gen::inRange<std::uint32_t>(0x80, 0xd800);  // below the surrogates
    case 3:
      return *rc::gen::inRange<std::uint32_t>(0xe000, 0x110000);
    default:
      return *rc::gen::inRange<std::uint32_t>(0x20, 0x7f);
  }
}

inline std::string text(std::size_t min, std::size_t max) {
  const std::size_t longest = boolean() ? std::min(max, min + 12) : std::min<std::size_t>(max, 300);
  const auto length = static_cast<std::size_t>(
      integer(static_cast<std::int64_t>(min), static_cast<std::int64_t>(longest)));
  std::string made;
  for (std::size_t i = 0; i < length; ++i) append_character(made, character());
  return made;
}

inline std::string text_like(std::span<const CharacterRun> pattern) {
  constexpr std::uint32_t kLongest = 60;
  std::string made;
  for (const CharacterRun& run : pattern) {
    std::string choices;
    for (char c = 0; c >= 0 && c < 127; ++c)
      if (run.has(c)) choices += c;
    const std::int64_t count = integer(run.min, std::min(run.max, run.min + kLongest));
    for (std::int64_t i = 0; i < count; ++i) made += *rc::gen::elementOf(choices);
  }
  return made;
}

template <class Enum>
Enum choice(std::size_t count) {
  return static_cast<Enum>(*rc::gen::inRange<std::size_t>(0, count));
}

template <class Make>
auto list(std::size_t min, std::size_t max, Make make) {
  std::vector<decltype(make())> made;
  const std::int64_t count =
      integer(static_cast<std::int64_t>(min), static_cast<std::int64_t>(std::min(max, min + 4)));
  for (std::int64_t i = 0; i < count; ++i) made.push_back(make());
  return made;
}

template <class Make>
auto perhaps(Make make) {
  std::optional<decltype(make())> made;
  if (boolean()) made = make();
  return made;
}

/// Each generated struct has one.
template <class T>
T object();

}  // namespace boxoffice::schema::arbitrary
