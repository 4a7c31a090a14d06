#include "commands/processor/snapshot.hpp"

#include <bit>
#include <cstring>

#include "sealing/sealing.hpp"

namespace boxoffice::processor {

namespace {

constexpr std::string_view kMagic = "BOXSNAP3";

// As this machine has it in memory. A snapshot may travel to another, so all are little-endian.
static_assert(std::endian::native == std::endian::little);
struct Head {
  char magic[8];
  std::uint64_t sequence;
  std::uint64_t partition;
  std::int64_t time_ms;
  std::uint8_t hash[32];
  std::uint64_t command_offset;
  std::uint64_t command_log_bytes;  ///< 0: no mark. The name stands behind the head.
};
static_assert(sizeof(Head) == 80);

template <class T>
std::string_view bytes_of(const T& of) {
  return {reinterpret_cast<const char*>(&of), sizeof of};
}

}  // namespace

bool write_frame(const SnapshotHead& given, const WriteTo& state, const domain::Sink& sink) {
  Head head{};
  std::memcpy(head.magic, kMagic.data(), sizeof head.magic);
  head.sequence = given.position.sequence.value;
  head.partition = given.position.partition.value;
  head.time_ms = given.time.time_since_epoch().count();
  std::memcpy(head.hash, given.hash.bytes.data(), sizeof head.hash);
  const std::string_view command_log = given.decided ? given.decided->log : std::string_view();
  head.command_offset = given.decided ? given.decided->offset : 0;
  head.command_log_bytes = command_log.size();

  sealing::Sha256 sum;
  const domain::Sink summed = [&](std::string_view bytes) {
    sum.add(bytes);
    return sink(bytes);
  };
  if (!summed(bytes_of(head)) || !summed(command_log) || !state(summed)) return false;
  return sink(bytes_of(sum.digest().bytes));
}

std::optional<Snapshot> unframed(std::string_view frame) {
  Head head;
  if (frame.size() < sizeof head + sizeof(schema::Digest)) return std::nullopt;
  std::memcpy(&head, frame.data(), sizeof head);
  if (std::string_view(head.magic, sizeof head.magic) != kMagic) return std::nullopt;
  const std::string_view summed = frame.substr(0, frame.size() - sizeof(schema::Digest));
  const schema::Digest sum = sealing::sha256(summed);
  if (std::memcmp(sum.bytes.data(), frame.data() + summed.size(), sum.bytes.size()) != 0)
    return std::nullopt;

  Snapshot snapshot;
  snapshot.head.position = {{static_cast<std::uint16_t>(head.partition)}, {head.sequence}};
  snapshot.head.time = schema::Instant(schema::Milliseconds(head.time_ms));
  std::memcpy(snapshot.head.hash.bytes.data(), head.hash, sizeof head.hash);
  std::string_view rest = summed.substr(sizeof head);
  if (head.command_log_bytes > rest.size()) return std::nullopt;
  if (head.command_log_bytes > 0)
    snapshot.head.decided = {std::string(rest.substr(0, head.command_log_bytes)),
                             head.command_offset};
  snapshot.state = rest.substr(head.command_log_bytes);
  return snapshot;
}

}  // namespace boxoffice::processor
