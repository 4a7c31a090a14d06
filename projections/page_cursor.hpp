#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The cursors of lists, as clients carry them: where a page ended, and of which list, so that a
/// cursor is not taken for another's. They hold nothing of the server's state.
namespace boxoffice::projections {

enum class ListKind : std::uint8_t { occasions = 1, keys = 2, audit = 3 };

/// What a cursor belongs to: a kind of list, and a fingerprint of the filter that it was made for.
struct ListName {
  ListKind kind{};
  std::uint64_t filter = 0;
};

/// `place` is the key of the last item shown, as the list has them.
std::string page_cursor(const ListName& list, std::string_view place);

/// The place in a cursor of that list; nullopt if it is none, of another version, or of another
/// list.
std::optional<std::string> place_from(const ListName& list, std::string_view cursor);

/// FNV-1a over 64 bits: the same in every build, for ever.
class Fingerprint {
 public:
  Fingerprint& add(std::string_view text) {
    for (const char c : text) {
      value_ ^= static_cast<std::uint8_t>(c);
      value_ *= 0x100000001b3u;
    }
    return *this;
  }
  /// Also where the text ends: "ab", "c" is not "a", "bc".
  Fingerprint& add_part(char name, std::string_view text) {
    return add({&name, 1}).add(text).add({"\0", 1});
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace boxoffice::projections
