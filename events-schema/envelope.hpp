#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "events-schema/values.hpp"

/// The CloudEvents envelope of an event (`envelope.json`): all that stands beside `data`.
namespace boxoffice::schema {

/// A command's identity. `id` derives from who asks, the key of the request and what it is about,
/// so that a repeat at another gateway is the same command; `tag` is a keyed hash of what was asked
/// (method, path, body), so that another request under the same key is told apart. Text: `<id>.<tag
/// as 11 characters of base64url>`.
struct CommandIdentity {
  CommandId id;
  std::array<std::uint8_t, 8> tag{};
  auto operator<=>(const CommandIdentity&) const = default;
};
std::string to_text(const CommandIdentity& identity);
std::optional<CommandIdentity> command_identity_from_text(std::string_view text);

struct Envelope {
  Position position;  ///< `id` is `<partition>-<sequence>`, `sequence` the second half, zero-padded
                      ///< to 16
  std::string source;   ///< `boxoffice:<deployment>`
  std::string subject;  ///< the key of the partition: an occasion's, person's or key's id
  Instant time{};       ///< decided
  std::optional<Instant> received;
  std::string
      causation;  ///< `causationid`: a CommandIdentity's text or an event's id; empty: absent
  std::string correlation;         ///< `correlationid`; empty: absent
  std::string traceparent;         ///< empty: absent
  std::string actor;               ///< empty: absent
  std::optional<Digest> previous;  ///< `prevhash`: of the event before; nullopt (`""` on the log)
                                   ///< for the partition's first
  std::optional<std::uint64_t> command_offset;
  std::string command_log;  ///< empty: absent

  bool operator==(const Envelope&) const = default;
};

/// What stands beside the `data` of a command on its way to being decided
/// (`command_envelope.json`).
struct CommandEnvelope {
  CommandIdentity identity;  ///< `id`
  std::string source;        ///< `boxoffice:<deployment>`
  std::string subject;       ///< the key of the partition: an occasion's, person's or key's id
  Instant received{};        ///< `time`
  Instant deadline{};
  std::string correlation;  ///< `correlationid`; empty: absent
  std::string traceparent;  ///< empty: absent
  std::string actor;        ///< empty: absent
  std::string reply_to;     ///< `replyto`; empty: absent
  /// `keyname` and `keyvalue`: a wrapped key to come into force with it; both or neither is empty.
  std::string key_name;
  std::string key_value;

  bool operator==(const CommandEnvelope&) const = default;
};

/// An event's id, `<partition>-<sequence>`.
std::string event_id(Position position);
std::optional<Position> position_from_event_id(std::string_view id);

}  // namespace boxoffice::schema
