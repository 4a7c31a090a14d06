// Where things stand: topics, positions, events' ids, tickets' places; and whose command it was.
#include <algorithm>
#include <charconv>
#include <limits>

#include "events-schema/envelope.hpp"

namespace boxoffice::schema {
namespace {

constexpr std::array<std::string_view, kTopics> kTopicNames{
    "boxoffice.occasions",   "boxoffice.claims",     "boxoffice.requests",
    "boxoffice.allocations", "boxoffice.tickets",    "boxoffice.scans",
    "boxoffice.accounts",    "boxoffice.deliveries", "boxoffice.audit"};

/// Decimal digits without leading zeros, at most `max`.
std::optional<std::uint64_t> number_from_text(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

std::optional<Position> position_between(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const auto partition =
      number_from_text(text.substr(0, at), std::numeric_limits<std::uint16_t>::max());
  const auto sequence = number_from_text(text.substr(at + 1), kSequenceMax.value);
  if (!partition || !sequence) return std::nullopt;
  return Position{{static_cast<std::uint16_t>(*partition)}, {*sequence}};
}

std::string joined(Position position, char separator) {
  return std::to_string(position.partition.value) + separator +
         std::to_string(position.sequence.value);
}

constexpr std::size_t kOccasionBytes = 10;

}  // namespace

std::string_view topic_name(Topic topic) { return kTopicNames[static_cast<std::size_t>(topic)]; }

std::optional<Topic> topic_from_name(std::string_view name) {
  const auto found = std::find(kTopicNames.begin(), kTopicNames.end(), name);
  if (found == kTopicNames.end()) return std::nullopt;
  return static_cast<Topic>(found - kTopicNames.begin());
}

std::string to_text(Position position) { return joined(position, ':'); }
std::optional<Position> position_from_text(std::string_view text) {
  return position_between(text, ':');
}

std::string event_id(Position position) { return joined(position, '-'); }
std::optional<Position> position_from_event_id(std::string_view id) {
  const std::optional<Position> position = position_between(id, '-');
  if (!position || position->sequence.value == 0) return std::nullopt;
  return position;
}

TicketId ticket_id(const OccasionId& occasion, TicketPlace place) {
  TicketId ticket;
  std::copy_n(occasion.bytes.begin(), kOccasionBytes, ticket.bytes.begin());
  ticket.bytes[10] = static_cast<std::uint8_t>(place.pool >> 8);
  ticket.bytes[11] = static_cast<std::uint8_t>(place.pool);
  for (int i = 0; i < 4; ++i)
    ticket.bytes[12 + i] = static_cast<std::uint8_t>(place.number >> (24 - 8 * i));
  return ticket;
}

TicketPlace place_of(const TicketId& ticket) {
  TicketPlace place;
  place.pool = static_cast<std::uint16_t>(ticket.bytes[10] << 8 | ticket.bytes[11]);
  for (int i = 0; i < 4; ++i) place.number = place.number << 8 | ticket.bytes[12 + i];
  return place;
}

bool belongs_to(const TicketId& ticket, const OccasionId& occasion) {
  return std::equal(ticket.bytes.begin(), ticket.bytes.begin() + kOccasionBytes,
                    occasion.bytes.begin());
}

std::string to_text(const CommandIdentity& identity) {
  return to_text(identity.id) + '.' + base64url(identity.tag);
}

std::optional<CommandIdentity> command_identity_from_text(std::string_view text) {
  constexpr std::size_t kTagTextLength = 11;
  if (text.size() != kIdTextLength + 1 + kTagTextLength || text[kIdTextLength] != '.')
    return std::nullopt;
  CommandIdentity identity;
  const auto tag = base64url_decoded(text.substr(kIdTextLength + 1));
  if (!tag || !read_id(text.substr(0, kIdTextLength), identity.id.bytes)) return std::nullopt;
  std::copy(tag->begin(), tag->end(), identity.tag.begin());
  return identity;
}

}  // namespace boxoffice::schema
