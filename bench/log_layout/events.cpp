#include "bench/log_layout/events.hpp"

#include <stdexcept>

#include "events-schema/canonical.hpp"

namespace boxoffice::bench {
namespace {

/// Bytes that differ from event to event, as keyed hashes and sealed text do.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> noise(std::uint64_t seed) {
  std::array<std::uint8_t, kSize> bytes;
  for (std::uint8_t& byte : bytes) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::uint8_t>(seed >> 56);
  }
  return bytes;
}

template <class IdType>
IdType an_id(std::uint64_t seed) {
  return IdType::from(noise<16>(seed));
}

schema::Event claim(std::uint64_t number) {
  const auto occasion = an_id<schema::OccasionId>(1);
  return schema::TicketClaimed{
      .claim = an_id<schema::ClaimId>(4 * number),
      .person = an_id<schema::PersonId>(4 * number + 1),
      .ip = an_id<schema::IpId>(4 * number + 2),
      .ticket = schema::ticket_id(occasion, {0, static_cast<std::uint32_t>(number)}),
      .pool = "main",
      .number = static_cast<std::int64_t>(number),
      .expires_at = schema::Instant(schema::Milliseconds(1'900'000'300'000)),
      .address = "s1.AAAAAAAAAAA." + schema::base64url(noise<64>(4 * number + 3))};
}

}  // namespace

void Events::add_to(Batch& batch, Partition partition) {
  const std::uint64_t number = ++ends_[partition.value];
  event_log::CommittedEvent& event = batch.events.emplace_back();
  event.topic = schema::Topic::claims;
  event.event = claim(number);
  event.envelope.position = {partition, {number}};
  event.envelope.source = "boxoffice:bench0000000";
  event.envelope.subject = schema::to_text(an_id<schema::OccasionId>(1));
  event.envelope.time = schema::Instant(schema::Milliseconds(1'900'000'000'000));
  event.envelope.received = event.envelope.time;
  event.envelope.causation =
      schema::to_text(schema::CommandIdentity{an_id<schema::CommandId>(number), {}});
  event.envelope.correlation = schema::to_text(an_id<schema::CommandId>(number));
  event.envelope.actor = "anonymous";
  event.envelope.previous = schema::Digest{noise<32>(number)};
  schema::write_event(event.value, event.envelope, event.event);
}

void Fold::take(std::string_view value) {
  if (!schema::read_canonical(value, envelope_, event_))
    throw std::runtime_error("what was read is not what was written");
  const auto [partition, sequence] = envelope_.position;
  if (sequence.value != ends_[partition.value] + 1)
    throw std::runtime_error("an event is missing before " + schema::to_text(envelope_.position));
  ends_[partition.value] = sequence.value;
  ++events_;
}

}  // namespace boxoffice::bench
