#include "projections/availability/availability.hpp"

#include "events-schema/occasion_steps.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr std::uint8_t kAvailabilityRow = 1;

std::string key_of(const schema::OccasionId& id) {
  std::string key;
  Packer(key).u8(kAvailabilityRow).bytes(id.bytes);
  return key;
}

std::string row_of(const OccasionCounts& counts) {
  std::string row;
  Packer packer(row);
  packer.u8(static_cast<std::uint8_t>(counts.state)).position(counts.last_event);
  packer.u16(static_cast<std::uint16_t>(counts.pools.size()));
  for (const PoolCounts& pool : counts.pools)
    packer.text(pool.name).u32(pool.capacity).u32(pool.claimed).u32(pool.issued).u32(pool.burned);
  return row;
}

std::optional<OccasionCounts> counts_of(std::string_view row) {
  Unpacker unpacker(row);
  OccasionCounts counts;
  const std::uint8_t state = unpacker.u8();
  counts.state = static_cast<schema::OccasionState>(state);
  counts.last_event = unpacker.position();
  counts.pools.resize(unpacker.u16());
  for (PoolCounts& pool : counts.pools) {
    pool.name = unpacker.text();
    pool.capacity = unpacker.u32();
    pool.claimed = unpacker.u32();
    pool.issued = unpacker.u32();
    pool.burned = unpacker.u32();
  }
  if (!unpacker.complete() || state >= schema::kOccasionStateCount) return std::nullopt;
  return counts;
}

}  // namespace

StoreResult<void> Availability::load(const Table& table) {
  counts_.clear();
  touched_.clear();
  RowIterator rows = table.rows();
  for (; rows.valid(); rows.next()) {
    schema::OccasionId id;
    Unpacker(rows.key().substr(1)).bytes(id.bytes);
    auto counts = counts_of(rows.value());
    if (!counts)
      return std::unexpected(StoreError{
          StoreErrorKind::corrupt, "the availability of occasion " + to_text(id) + " is damaged"});
    publish(id, *counts);
    counts_.emplace(id, std::move(*counts));
  }
  published_.retain(counts_);
  return rows.status();
}

OccasionCounts* Availability::touch(const LoggedEvent& event) {
  const auto found = counts_.find(event.occasion());
  if (found == counts_.end()) return nullptr;
  OccasionCounts& counts = found->second;
  counts.last_event = event.position();
  if (!counts.touched) touched_.push_back(&*found);
  counts.touched = true;
  return &counts;
}

void Availability::resize(const LoggedEvent& event, schema::OccasionState state,
                          const std::vector<schema::Pool>& pools) {
  OccasionCounts* counts = touch(event);
  if (!counts) return;
  counts->state = state;
  counts->pools.resize(pools.size());
  for (std::size_t i = 0; i < pools.size(); ++i) {
    counts->pools[i].name = pools[i].name;
    counts->pools[i].capacity = static_cast<std::uint32_t>(pools[i].capacity);
  }
}

void Availability::apply(const LoggedEvent& event, Rows&) {
  using namespace schema;
  const auto pool_of = [&](const TicketId& ticket) -> PoolCounts* {
    OccasionCounts* counts = touch(event);
    const std::size_t pool = place_of(ticket).pool;
    return counts && pool < counts->pools.size() ? &counts->pools[pool] : nullptr;
  };
  std::visit(
      Overloaded{
          [&](const OccasionCreated& it) {
            counts_.try_emplace(event.occasion());
            resize(event, it.state, it.details.pools);
          },
          [&](const OccasionChanged& it) { resize(event, it.state, it.details.pools); },
          [&](const OccasionStepped auto& it) { resize(event, it.state, it.details.pools); },
          [&](const TicketClaimed& it) {
            if (PoolCounts* pool = pool_of(it.ticket)) ++pool->claimed;
          },
          [&](const ClaimConfirmed& it) {
            PoolCounts* pool = pool_of(it.ticket);
            if (!pool || it.repeated) return;
            --pool->claimed;
            ++pool->issued;
          },
          [&](const ClaimReleased& it) {
            if (PoolCounts* pool = pool_of(it.ticket))
              --(it.was == LiveClaim::held ? pool->claimed : pool->issued);
          },
          [&](const ClaimExpired& it) {
            PoolCounts* pool = pool_of(it.ticket);
            if (!pool) return;
            --pool->claimed;
            if (it.became == ExpiredTicket::burned) ++pool->burned;
          },
          [&](const OneOf<OccasionCreationRefused, OccasionChangeRefused, OccasionStepRefused,
                          ClaimRefused, ConfirmationRefused, ReleaseRefused> auto&) {
            touch(event);
          },
          [](const IsOf<Topic::accounts, Topic::audit> auto&) {},
      },
      event.event);
}

void Availability::complete(Rows& rows) {
  for (const auto* touched : touched_) rows.put(key_of(touched->first), row_of(touched->second));
}

void Availability::publish(const schema::OccasionId& id, const OccasionCounts& counts) {
  published_.put(id, std::make_shared<const AvailabilityView>(AvailabilityView{
                         availability_body(counts), counts.last_event, counts.state}));
}

void Availability::publish() {
  for (auto* touched : touched_) {
    touched->second.touched = false;
    publish(touched->first, touched->second);
  }
  touched_.clear();
}

}  // namespace boxoffice::projections
