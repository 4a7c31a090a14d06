#include "commands/processor/snapshot.hpp"

#include <cstring>

#include "sealing/sealing.hpp"

namespace boxoffice::processor {

namespace {

constexpr std::string_view kMagic = "BOXSNAP1";

// Little-endian, as this machine has it: a snapshot is read where it was written, or not at all.
struct Head {
  char magic[8];
  std::uint64_t sequence;
  std::uint64_t partition;
  std::int64_t time_ms;
  std::uint8_t hash[32];
  std::uint64_t state_bytes;
};
static_assert(sizeof(Head) == 72);

}  // namespace

std::string framed(const Snapshot& snapshot) {
  Head head{};
  std::memcpy(head.magic, kMagic.data(), sizeof head.magic);
  head.sequence = snapshot.position.sequence.value;
  head.partition = snapshot.position.partition.value;
  head.time_ms = snapshot.time.time_since_epoch().count();
  std::memcpy(head.hash, snapshot.hash.bytes.data(), sizeof head.hash);
  head.state_bytes = snapshot.state.size();

  std::string frame;
  frame.reserve(sizeof head + snapshot.state.size() + sizeof(schema::Digest));
  frame.append(reinterpret_cast<const char*>(&head), sizeof head);
  frame.append(snapshot.state);
  const schema::Digest sum = sealing::sha256(frame);
  frame.append(reinterpret_cast<const char*>(sum.bytes.data()), sum.bytes.size());
  return frame;
}

std::optional<Snapshot> unframed(std::string_view frame) {
  Head head;
  if (frame.size() < sizeof head + sizeof(schema::Digest)) return std::nullopt;
  std::memcpy(&head, frame.data(), sizeof head);
  if (std::string_view(head.magic, sizeof head.magic) != kMagic) return std::nullopt;
  if (head.state_bytes != frame.size() - sizeof head - sizeof(schema::Digest)) return std::nullopt;
  const std::string_view summed = frame.substr(0, frame.size() - sizeof(schema::Digest));
  const schema::Digest sum = sealing::sha256(summed);
  if (std::memcmp(sum.bytes.data(), frame.data() + summed.size(), sum.bytes.size()) != 0)
    return std::nullopt;

  Snapshot snapshot;
  snapshot.position = {{static_cast<std::uint16_t>(head.partition)}, {head.sequence}};
  snapshot.time = schema::Instant(schema::Milliseconds(head.time_ms));
  std::memcpy(snapshot.hash.bytes.data(), head.hash, sizeof head.hash);
  snapshot.state = summed.substr(sizeof head);
  return snapshot;
}

}  // namespace boxoffice::processor
