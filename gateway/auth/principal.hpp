#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "events-schema/codec.hpp"

namespace boxoffice::gateway {

/// Who may call: a key's role, or nobody known (`anyone`), or who has a thing's token (`holder`).
enum class Who : std::uint8_t {
  anyone,
  holder,
  gate,
  supervisor,
  auditor,
  analyst,
  organizer,
  admin,
};
inline constexpr std::size_t kWhoCount = 8;
std::string_view to_text(Who who);
Who who_of(schema::Role role);

/// A set of them.
class Roles {
 public:
  constexpr Roles(std::initializer_list<Who> who) {
    for (const Who one : who) bits_ |= bit(one);
  }
  constexpr bool has(Who who) const { return (bits_ & bit(who)) != 0; }
  bool operator==(const Roles&) const = default;

 private:
  static constexpr unsigned bit(Who who) { return 1U << static_cast<unsigned>(who); }
  unsigned bits_ = 0;
};

/// Who is calling with a key.
struct Principal {
  schema::KeyId id;
  schema::Role role{};
  std::optional<schema::OccasionId> occasion;  ///< the only one that the key is for

  bool is_admin() const { return role == schema::Role::admin && !occasion; }
};

}  // namespace boxoffice::gateway
