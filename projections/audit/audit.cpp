#include "projections/audit/audit.hpp"

#include <span>

#include "projections/page_cursor.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

enum class Dimension : std::uint8_t {
  occasion = 1,
  person = 2,
  ticket = 3,
  principal = 4,
  type = 5
};

void pack_prefix(std::string& out, Dimension dimension, std::string_view value) {
  Packer(out).u8(static_cast<std::uint8_t>(dimension)).u64(Fingerprint().add(value).value());
}

/// A ticket's own last eight bytes: those of tickets that are given one after the other stand next
/// to each other.
void pack_prefix(std::string& out, Dimension dimension, const schema::TicketId& ticket) {
  Packer(out).u8(static_cast<std::uint8_t>(dimension)).bytes(std::span(ticket.bytes).last<8>());
}

template <class Tag>
void pack_prefix(std::string& out, Dimension dimension, const schema::Id<Tag>& id) {
  pack_prefix(out, dimension, {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

template <class Value>
void put_row(Rows& rows, std::string& key, Dimension dimension, const Value& value,
             Position position) {
  key.clear();
  pack_prefix(key, dimension, value);
  Packer(key).position(position);
  rows.put(key, {});
}

}  // namespace

void Audit::apply(const LoggedEvent& event, Rows& rows) {
  std::string key;
  const auto put = [&](Dimension dimension, const auto& value) {
    put_row(rows, key, dimension, value, event.position());
  };
  const Concern concern = concern_of(event.envelope, event.event);
  if (concern.occasion) put(Dimension::occasion, *concern.occasion);
  if (concern.person) put(Dimension::person, *concern.person);
  if (concern.ticket) put(Dimension::ticket, *concern.ticket);
  const std::string& actor = event.envelope.actor;
  if (!actor.empty() && actor != kAnonymous) put(Dimension::principal, std::string_view(actor));
  put(Dimension::type, schema::name_of(event.event));
  ended_claims_.apply(event, rows);
}

void Audit::complete(Rows& rows) {
  std::string key;
  for (const auto& [position, holder] : ended_claims_.complete(rows)) {
    put_row(rows, key, Dimension::person, holder.person, position);
    put_row(rows, key, Dimension::ticket, holder.ticket, position);
  }
}

std::vector<std::string> Audit::prefixes_of(const AuditFilter& filter) {
  std::vector<std::string> prefixes;
  const auto add = [&](Dimension dimension, const auto& value) {
    pack_prefix(prefixes.emplace_back(), dimension, value);
  };
  if (filter.ticket) add(Dimension::ticket, *filter.ticket);
  if (filter.person) add(Dimension::person, *filter.person);
  if (filter.occasion) add(Dimension::occasion, *filter.occasion);
  if (filter.principal && !filter.principal->empty() && *filter.principal != kAnonymous)
    add(Dimension::principal, std::string_view(*filter.principal));
  if (filter.type) add(Dimension::type, bare_type(*filter.type));
  return prefixes;
}

}  // namespace boxoffice::projections
