#include "projections/audit/trail_cursor.hpp"

#include "projections/audit/concern.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {

ListName trail_list(const AuditFilter& filter) {
  Fingerprint fingerprint;
  if (filter.occasion) fingerprint.add_part('o', to_text(*filter.occasion));
  if (filter.person) fingerprint.add_part('p', to_text(*filter.person));
  if (filter.ticket) fingerprint.add_part('t', to_text(*filter.ticket));
  if (filter.principal) fingerprint.add_part('a', *filter.principal);
  if (filter.type) fingerprint.add_part('y', bare_type(*filter.type));
  if (filter.from) fingerprint.add_part('f', schema::to_text(*filter.from));
  if (filter.to) fingerprint.add_part('u', schema::to_text(*filter.to));
  return {ListKind::audit, fingerprint.value()};
}

std::string trail_cursor(const AuditFilter& filter, Position at) {
  std::string place;
  Packer(place).position(at);
  return page_cursor(trail_list(filter), place);
}

std::optional<Position> trail_place(const AuditFilter& filter, std::string_view cursor,
                                    std::uint16_t partitions) {
  if (cursor.empty()) return Position{{0}, {1}};
  const auto place = place_from(trail_list(filter), cursor);
  if (!place) return std::nullopt;
  Unpacker unpacker(*place);
  const Position at = unpacker.position();
  const bool possible = at.partition.value < partitions && at.sequence.value > 0;
  return unpacker.complete() && possible ? std::optional(at) : std::nullopt;
}

}  // namespace boxoffice::projections
