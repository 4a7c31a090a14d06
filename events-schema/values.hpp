#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The values that commands and events are made of. Each has one text form; reading what was
/// written gives the same value, and a text that is not the canonical form of a value is not read.
namespace boxoffice::schema {

/// A point in time: UTC, whole milliseconds. Text: RFC 3339 with three decimals and `Z`, years 0000
/// to 9999.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

/// 127 bits that name something. The first bit is always 0, so that the text (22 characters of
/// base64url) begins with a letter and is never mistaken for a command-line flag.
template <class Tag>
struct Id {
  std::array<std::uint8_t, 16> bytes{};

  /// The id made of the first sixteen bytes of `material`, the first bit cleared. REQUIRES:
  /// `material.size() >= 16`.
  static constexpr Id from(std::span<const std::uint8_t> material) {
    Id id;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = material[i];
    id.bytes[0] &= 0x7f;
    return id;
  }

  /// Another name for the same sixteen bytes: a claim is named by the command that made it.
  template <class Other>
  constexpr Id<Other> as() const {
    return Id<Other>{bytes};
  }

  auto operator<=>(const Id&) const = default;
};

using OccasionId = Id<struct OccasionTag>;
using ClaimId = Id<struct ClaimTag>;
using TicketId = Id<struct TicketTag>;
using PersonId = Id<struct PersonTag>;
using IpId = Id<struct IpTag>;
using KeyId = Id<struct KeyTag>;
using CommandId = Id<struct CommandTag>;

inline constexpr std::size_t kIdTextLength = 22;
inline constexpr std::size_t kInstantTextLength = 24;

/// For hash tables: ids are random, or keyed hashes, so their own bits serve.
struct IdHash {
  template <class Tag>
  std::size_t operator()(const Id<Tag>& id) const noexcept {
    std::uint64_t low;
    std::memcpy(&low, id.bytes.data() + 8, sizeof low);
    return low;
  }
};

/// A SHA-256. Text: 64 lower-case hex digits.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
};

/// Writes exactly `kIdTextLength` characters to `out` and returns the end.
char* write_id(std::span<const std::uint8_t, 16> bytes, char* out);
bool read_id(std::string_view text, std::array<std::uint8_t, 16>& into);

template <class Tag>
std::string to_text(const Id<Tag>& id) {
  std::string text(kIdTextLength, '\0');
  write_id(id.bytes, text.data());
  return text;
}

template <class IdType>
std::optional<IdType> id_from_text(std::string_view text) {
  IdType id;
  if (!read_id(text, id.bytes)) return std::nullopt;
  return id;
}

/// Writes exactly `kInstantTextLength` characters to `out` and returns the end.
char* write_instant(Instant instant, char* out);
std::string to_text(Instant instant);
std::optional<Instant> instant_from_text(std::string_view text);
/// Any text of RFC 3339 for a whole millisecond: fewer decimals or further zeros, any offset, `t`
/// and `z`. nullopt too: a leap second, and a time outside the years 0000 to 9999.
std::optional<Instant> instant_from_rfc3339(std::string_view text);

inline constexpr std::size_t kDigestTextLength = 64;
/// Writes exactly `kDigestTextLength` characters to `out` and returns the end.
char* write_digest(const Digest& digest, char* out);
std::string to_text(const Digest& digest);
std::optional<Digest> digest_from_text(std::string_view text);

/// Base64url without padding (RFC 4648, section 5).
std::string base64url(std::span<const std::uint8_t> bytes);
std::optional<std::string> base64url_decoded(std::string_view text);

/// A ticket's place within its occasion.
struct TicketPlace {
  std::uint16_t pool = 0;    ///< index into the occasion's pools
  std::uint32_t number = 0;  ///< from 1
  auto operator<=>(const TicketPlace&) const = default;
};

/// Ticket ids are derived, not stored: the occasion's first ten bytes, the pool's index, the
/// number.
TicketId ticket_id(const OccasionId& occasion, TicketPlace place);
TicketPlace place_of(const TicketId& ticket);
bool belongs_to(const TicketId& ticket, const OccasionId& occasion);

/// Topics of events, one per family (`boxoffice.claims` …), in the order in which they are numbered
/// on disk.
enum class Topic : std::uint8_t {
  occasions,
  claims,
  requests,
  allocations,
  tickets,
  scans,
  accounts,
  deliveries,
  audit,
};
inline constexpr std::size_t kTopics = 9;
std::string_view topic_name(Topic topic);  ///< with the prefix `boxoffice.`
std::optional<Topic> topic_from_name(std::string_view name);

/// A partition's number, from 0.
struct Partition {
  std::uint16_t value = 0;
  auto operator<=>(const Partition&) const = default;
};

/// A place in a partition's order, from 1; 0 stands before the first event.
struct Sequence {
  std::uint64_t value = 0;
  auto operator<=>(const Sequence&) const = default;
  constexpr Sequence next() const { return {value + 1}; }
};
/// The largest that every reader of JSON holds exactly (2^53 - 1).
inline constexpr Sequence kSequenceMax{9'007'199'254'740'991};

/// Text: `<partition>:<sequence>`.
struct Position {
  Partition partition;
  Sequence sequence;
  auto operator<=>(const Position&) const = default;
};
std::string to_text(Position position);
std::optional<Position> position_from_text(std::string_view text);

/// The hash of Kafka's Java client; there it is a signed number.
std::uint32_t murmur2(std::string_view key);

/// The partition of a key: murmur2 as the Java client of Kafka computes it. REQUIRES: `partitions >
/// 0`.
Partition partition_of(std::string_view key, std::uint16_t partitions);

}  // namespace boxoffice::schema
