// The hash by which Kafka's Java client places keys (org.apache.kafka.common.utils.Utils.murmur2).
#include "events-schema/values.hpp"

namespace boxoffice::schema {

std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(key[i]));
  };

  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  std::size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    std::uint32_t four = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    four *= kMultiplier;
    four ^= four >> 24;
    hash = hash * kMultiplier ^ four * kMultiplier;
  }
  if (i < key.size()) {
    for (std::size_t rest = key.size() - i; rest > 0; --rest)
      hash ^= byte(i + rest - 1) << (8 * (rest - 1));
    hash *= kMultiplier;
  }
  hash = (hash ^ hash >> 13) * kMultiplier;
  return hash ^ hash >> 15;
}

Partition partition_of(std::string_view key, std::uint16_t partitions) {
  return {static_cast<std::uint16_t>((murmur2(key) & 0x7fffffff) % partitions)};
}

}  // namespace boxoffice::schema
