#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events-schema/text_shape.hpp"
#include "events-schema/values.hpp"

/// What generated code reads canonical bytes with. For `.cpp` files only.
namespace boxoffice::schema {

template <class T>
struct Form;

/// Whether the first `kLength` bytes are equal: a few loads and one branch, where a call would cost
/// more than the comparison.
template <std::size_t kLength>
bool begins_with(const char* bytes, const char* expected) {
  if constexpr (kLength < sizeof(std::uint64_t)) {
    return std::memcmp(bytes, expected, kLength) == 0;
  } else {
    const auto difference = [&](std::size_t at) {
      std::uint64_t one, other;
      std::memcpy(&one, bytes + at, sizeof one);
      std::memcpy(&other, expected + at, sizeof other);
      return one ^ other;
    };
    std::uint64_t differences = difference(kLength - sizeof(std::uint64_t));
#pragma GCC unroll 8
    for (std::size_t at = 0; at + sizeof(std::uint64_t) < kLength; at += sizeof(std::uint64_t))
      differences |= difference(at);
    return differences == 0;
  }
}

/// One walk over bytes that may be in canonical form. There each member has its place, so nothing
/// is looked for: the next bytes are the expected ones, or the walk has failed. Every function then
/// returns false, and nothing can be said of what was read.
///
/// Takes nothing that `Reading` would not take, and nothing that would be written otherwise.
/// Refuses one thing that is canonical: a text with escapes, which is rare, and left to `Reading`.
class CanonicalReading {
 public:
  explicit CanonicalReading(std::string_view text)
      : at_(text.data()), end_(text.data() + text.size()) {}

  template <std::size_t kSize>
  bool take(const char (&expected)[kSize]) {
    constexpr std::size_t kLength = kSize - 1;
    if (left() < kLength || !begins_with<kLength>(at_, expected)) return false;
    at_ += kLength;
    return true;
  }
  bool take(std::string_view expected) {
    if (left() < expected.size() || std::memcmp(at_, expected.data(), expected.size()) != 0)
      return false;
    at_ += expected.size();
    return true;
  }
  /// The bytes before the next `until`, which is taken, too.
  bool take_up_to(char until, std::string_view& into);
  bool is_at_end() const { return at_ == end_; }

  /// Where an object begins: what `member` and `close_object` have to know.
  const char* here() const { return at_; }
  /// Takes a member's name (`"name":`) and what stands before it: the object's brace or a comma.
  template <std::size_t kSize>
  bool member(const char* object, const char (&name)[kSize]) {
    constexpr std::size_t kLength = kSize - 1;
    if (left() < 1 + kLength || *at_ != (at_ == object ? '{' : ',') ||
        !begins_with<kLength>(at_ + 1, name))
      return false;
    at_ += 1 + kLength;
    return true;
  }
  bool close_object(const char* object) { return at_ == object ? take("{}") : take("}"); }

  bool text(std::string& into, const TextShape& shape);
  bool integer(std::int64_t& into, std::int64_t min, std::int64_t max);
  bool integer(Sequence& into, std::int64_t min, std::int64_t max);
  bool boolean(bool& into);
  bool instant(Instant& into);
  bool digest(Digest& into);

  template <class Tag>
  bool id(Id<Tag>& into) {
    return id(into.bytes);
  }

  template <class Enum>
  bool choice(Enum& into, std::optional<Enum> (*from_text)(std::string_view)) {
    std::string_view text;
    if (!take("\"") || !take_up_to('"', text)) return false;
    const std::optional<Enum> found = from_text(text);
    if (found) into = *found;
    return found.has_value();
  }

  template <class T>
  bool object(T& into) {
    return Form<T>::read_canonical(*this, into);
  }

  template <class T, class Read>
  bool array(std::vector<T>& into, std::size_t min, std::size_t max, Read read) {
    if (!take("[")) return false;
    std::size_t count = 0;
    while (!take("]")) {
      if (count == max || (count > 0 && !take(","))) return false;
      if (into.size() == count) into.emplace_back();
      if (!read(into[count])) return false;
      ++count;
    }
    into.resize(count);
    return count >= min;
  }

  /// `null`, or what `read(T&)` reads.
  template <class T, class Read>
  bool nullable(std::optional<T>& into, Read read) {
    if (!take("null")) return read(kept(into));
    into.reset();
    return true;
  }

  /// The value of an optional member that is there: the old one, for its memory, or a new one.
  template <class T>
  static T& kept(std::optional<T>& member) {
    return member ? *member : member.emplace();
  }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  /// `length` bytes between quotes; nullptr: there are none.
  const char* quoted(std::size_t length);
  bool id(std::array<std::uint8_t, 16>& into);

  const char* at_;
  const char* end_;
};

}  // namespace boxoffice::schema
