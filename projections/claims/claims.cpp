#include "projections/claims/claims.hpp"

#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr std::uint8_t kClaimRow = 1;

void pack_head(Packer& packer, ClaimState state, Position last_event) {
  packer.u8(static_cast<std::uint8_t>(state)).position(last_event);
}

}  // namespace

std::string Claims::key_of(const schema::ClaimId& id) {
  std::string key;
  Packer(key).u8(kClaimRow).bytes(id.bytes);
  return key;
}

std::optional<ClaimRow> claim_row_from(std::string_view row) {
  Unpacker unpacker(row);
  ClaimRow claim;
  const std::uint8_t state = unpacker.u8();
  claim.state = static_cast<ClaimState>(state);
  claim.last_event = unpacker.position();
  unpacker.bytes(claim.occasion.bytes);
  unpacker.bytes(claim.person.bytes);
  claim.place.pool = unpacker.u16();
  claim.place.number = unpacker.u32();
  claim.expires_at = unpacker.instant();
  if (!unpacker.complete() || state > static_cast<std::uint8_t>(ClaimState::expired))
    return std::nullopt;
  return claim;
}

void Claims::apply(const LoggedEvent& event, Rows& rows) {
  const auto becomes = [&](const schema::ClaimId& id, ClaimState state) {
    std::string head;
    Packer packer(head);
    pack_head(packer, state, event.position());
    rows.overwrite_head(key_of(id), head);
  };
  using namespace schema;
  std::visit(Overloaded{
                 [&](const TicketClaimed& it) {
                   const TicketPlace place = place_of(it.ticket);
                   std::string row;
                   row.reserve(64);
                   Packer packer(row);
                   pack_head(packer, ClaimState::held, event.position());
                   packer.bytes(event.subject).bytes(it.person.bytes);
                   packer.u16(place.pool).u32(place.number).instant(it.expires_at);
                   rows.put(key_of(it.claim), row);
                 },
                 [&](const ClaimConfirmed& it) { becomes(it.claim, ClaimState::confirmed); },
                 [&](const ClaimReleased& it) { becomes(it.claim, ClaimState::released); },
                 [&](const ClaimExpired& it) { becomes(it.claim, ClaimState::expired); },
                 [](const OneOf<ClaimRefused, ConfirmationRefused, ReleaseRefused> auto&) {},
                 [](const IsOf<Topic::occasions, Topic::accounts, Topic::audit> auto&) {},
             },
             event.event);
}

}  // namespace boxoffice::projections
