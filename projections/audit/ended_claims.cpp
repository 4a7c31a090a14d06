#include "projections/audit/ended_claims.hpp"

#include <utility>

#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr std::uint8_t kEndedClaimRow = 6;
constexpr std::uint8_t kRefusalRow = 7;

std::string key_of(const schema::ClaimId& claim) {
  std::string key;
  Packer(key).u8(kEndedClaimRow).bytes(claim.bytes);
  return key;
}

std::string key_of(schema::Position refusal) {
  std::string key;
  Packer(key).u8(kRefusalRow).position(refusal);
  return key;
}

std::string row_of(const ClaimHolder& holder) {
  std::string row;
  Packer(row).bytes(holder.person.bytes).bytes(holder.ticket.bytes);
  return row;
}

StoreResult<std::optional<ClaimHolder>> holder_at(const Table& table, std::string_view key) {
  auto row = table.get(key);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!*row) return std::nullopt;
  Unpacker unpacker(**row);
  ClaimHolder holder;
  unpacker.bytes(holder.person.bytes);
  unpacker.bytes(holder.ticket.bytes);
  if (!unpacker.complete())
    return std::unexpected(
        StoreError{StoreErrorKind::corrupt, "the row of a claim that has ended cannot be read"});
  return holder;
}

}  // namespace

const schema::ClaimId* claim_refused_unnamed(const schema::Event& event) {
  const auto unnamed = [](const auto* refused) -> const schema::ClaimId* {
    return refused != nullptr && !refused->person ? &refused->claim : nullptr;
  };
  if (const auto* claim = unnamed(std::get_if<schema::ConfirmationRefused>(&event))) return claim;
  return unnamed(std::get_if<schema::ReleaseRefused>(&event));
}

void EndedClaims::apply(const LoggedEvent& event, Rows& rows) {
  if (const schema::ClaimId* claim = claim_refused_unnamed(event.event))
    return is_refused({*claim, event.occasion(), event.position()});
  if (const auto* it = std::get_if<schema::ClaimReleased>(&event.event))
    return ends(it->claim, {it->person, it->ticket}, rows);
  if (const auto* it = std::get_if<schema::ClaimExpired>(&event.event))
    return ends(it->claim, {it->person, it->ticket}, rows);
}

void EndedClaims::ends(const schema::ClaimId& claim, const ClaimHolder& holder, Rows& rows) {
  ended_[claim] = holder;
  rows.put(key_of(claim), row_of(holder));
}

void EndedClaims::is_refused(const Unnamed& refusal) {
  const auto ended = ended_.find(refusal.claim);
  if (ended == ended_.end()) return to_look_up_.push_back(refusal);
  add(refusal, ended->second);
}

// A claim of another occasion may be in another partition, of which more or less may be known.
void EndedClaims::add(const Unnamed& refusal, const ClaimHolder& holder) {
  if (schema::belongs_to(holder.ticket, refusal.occasion))
    found_.push_back({refusal.position, holder});
}

StoreResult<void> EndedClaims::look_up(const Table& table) {
  for (; !to_look_up_.empty(); to_look_up_.pop_back()) {
    const Unnamed& refusal = to_look_up_.back();
    const auto holder = holder_at(table, key_of(refusal.claim));
    if (!holder) return std::unexpected(holder.error());
    if (*holder) add(refusal, **holder);
  }
  return {};
}

std::vector<EndedClaims::Refusal> EndedClaims::complete(Rows& rows) {
  for (const auto& [position, holder] : found_) rows.put(key_of(position), row_of(holder));
  ended_.clear();
  return std::exchange(found_, {});
}

void EndedClaims::forget() {
  ended_.clear();
  to_look_up_.clear();
  found_.clear();
}

StoreResult<std::optional<ClaimHolder>> EndedClaims::holder_refused(const Table& table,
                                                                    schema::Position position) {
  return holder_at(table, key_of(position));
}

}  // namespace boxoffice::projections
