#include "commands/domain/snapshot.hpp"
#include "commands/domain/snapshot_bytes.hpp"
#include "events-schema/codec.hpp"

namespace boxoffice::domain {
namespace {

void read_pool(SnapshotReader& in, Pool& pool) {
  const auto counts = in.get<Pool::Counts>();
  const auto words = in.count<std::uint32_t>(sizeof(std::uint64_t));
  for (std::uint32_t word = 0; word < words; ++word) pool.restore_returned(in.get<std::uint64_t>());
  if (!in.failed() && !pool.restore(counts)) in.fail("a pool's counts do not add up");
}

/// Whether the claim could be one of this occasion's.
bool fits(const Claim& claim, const Occasion& occasion) {
  if (claim.state == Claim::ended) return true;
  return claim.state <= Claim::confirmed && claim.pool < occasion.pools.size() &&
         claim.number >= 1 && claim.number < occasion.pools[claim.pool].counts().unused_from;
}

/// Whether the pools count the claims that are there.
bool agree(const std::vector<Pool>& pools, const std::vector<Pool::Counts>& counted) {
  for (std::size_t i = 0; i < pools.size(); ++i)
    if (pools[i].claimed() != counted[i].claimed || pools[i].issued() != counted[i].issued)
      return false;
  return true;
}

void read_claims(SnapshotReader& in, Occasion& occasion) {
  const auto size = in.get<std::uint32_t>();
  const auto first_free = in.get<Slot>();
  const auto slots = in.count<std::uint32_t>(sizeof(Claim));
  std::vector<Pool::Counts> counted(occasion.pools.size());
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    const auto claim = in.get<Claim>();
    if (!fits(claim, occasion)) return in.fail("a claim is for no ticket of its occasion");
    if (claim.state == Claim::held) ++counted[claim.pool].claimed;
    if (claim.state == Claim::confirmed) ++counted[claim.pool].issued;
    occasion.claims.restore(claim);
  }
  if (in.failed()) return;
  if (!agree(occasion.pools, counted)) return in.fail("pools and claims do not agree");
  if (!occasion.claims.restore_rest(first_free, size)) in.fail("the claims do not add up");
}

void read_occasion(SnapshotReader& in, schema::Reader& json, PartitionState& state) {
  const auto id = in.get<schema::OccasionId>();
  std::string details(in.text());
  const std::size_t size = details.size();
  details.append(schema::kPadding, '\0');
  schema::Event event;
  if (!json.event_data("OccasionCreated", 1, std::string_view(details).substr(0, size), event))
    return in.fail("an occasion's details cannot be read");
  const schema::Sequence last_event{in.get<std::uint64_t>()};

  Occasion& occasion = state.make(id);
  if (occasion.details != nullptr) return in.fail("an occasion is there twice");
  const auto& created = std::get<schema::OccasionCreated>(event);
  occasion.state = created.state;
  occasion.organizer = created.organizer;
  occasion.last_event = last_event;
  occasion.adopt(created.details, state.freezer());
  occasion.next_pool = in.get<std::uint16_t>();
  for (Pool& pool : occasion.pools) read_pool(in, pool);
  read_claims(in, occasion);
  if (!in.failed()) state.rearm(occasion);
}

void read_keys(SnapshotReader& in, Keys& keys) {
  const auto count = in.count<std::uint32_t>(sizeof(schema::KeyId) + sizeof(KeyState));
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    const auto key = in.get<schema::KeyId>();
    const auto state = in.get<std::uint8_t>();
    if (state > static_cast<std::uint8_t>(KeyState::ended))
      return in.fail("a key is in a state of no name");
    keys.emplace(key, static_cast<KeyState>(state));
  }
}

}  // namespace

std::expected<PartitionState, SnapshotError> read(std::string_view bytes) {
  SnapshotReader in(bytes);
  if (in.get<std::uint64_t>() != kSnapshotMagic)
    return std::unexpected(SnapshotError{"not a snapshot of this version of the program"});

  PartitionState state;
  read_keys(in, state.keys_to_change());
  schema::Reader json;
  const auto occasions = in.count<std::uint32_t>(sizeof(schema::OccasionId));
  for (std::uint32_t i = 0; i < occasions && !in.failed(); ++i) read_occasion(in, json, state);
  if (!in.failed() && !in.at_end()) in.fail("something follows its end");
  if (in.failed())
    return std::unexpected(SnapshotError{"the snapshot is damaged: " + in.failure()});
  return state;
}

}  // namespace boxoffice::domain
