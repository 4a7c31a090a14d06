#include "commands/processor/key_run.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sealing/sealing.hpp"

namespace boxoffice::processor {

namespace {

constexpr std::string_view kMagic = "BOXRUN_1";

// As memory has them. They travel, so all machines are little-endian.
static_assert(std::endian::native == std::endian::little);

struct Row {
  std::array<std::uint8_t, 16> id;
  std::array<std::uint8_t, 8> tag;
  std::array<std::uint32_t, 2> sequence;  ///< the lower half first; so that rows have no air
  std::uint32_t decided_s;
};
static_assert(sizeof(Row) == kKeyRowBytes);

struct Head {
  char magic[8];
  char deployment[16];
  std::uint64_t partition;
  std::uint64_t from;
  std::uint64_t through;
  std::int64_t from_ms;
  std::int64_t through_ms;
};
static_assert(sizeof(Head) == 64);

Row row_at(std::string_view rows) {
  Row row;
  std::memcpy(&row, rows.data(), sizeof row);
  return row;
}

schema::Sequence sequence_of(const Row& row) {
  return {row.sequence[0] | std::uint64_t{row.sequence[1]} << 32};
}

std::int64_t in_ms(schema::Instant instant) { return instant.time_since_epoch().count(); }
schema::Instant instant(std::int64_t ms) { return schema::Instant(schema::Milliseconds(ms)); }

std::array<char, 16> padded(std::string_view deployment) {
  std::array<char, 16> name{};
  std::ranges::copy(deployment.substr(0, name.size()), name.begin());
  return name;
}

template <class T>
std::string_view bytes_of(const T& of) {
  return {reinterpret_cast<const char*>(&of), sizeof of};
}

}  // namespace

void append_row(std::string& rows, const BoundKey& key, schema::Instant decided) {
  const std::uint64_t sequence = key.position.sequence.value;
  const auto decided_s = std::chrono::floor<std::chrono::seconds>(decided);
  const Row row{.id = key.id.bytes,
                .tag = key.tag,
                .sequence = {static_cast<std::uint32_t>(sequence),
                             static_cast<std::uint32_t>(sequence >> 32)},
                .decided_s = static_cast<std::uint32_t>(decided_s.time_since_epoch().count())};
  rows.append(bytes_of(row));
}

schema::Sequence sequence_of_row(std::string_view row) { return sequence_of(row_at(row)); }

std::string key_run(std::string_view deployment, const KeyStretch& stretch, std::string_view rows) {
  Head head{.partition = stretch.partition.value,
            .from = stretch.from.value,
            .through = stretch.through.value,
            .from_ms = in_ms(stretch.from_at),
            .through_ms = in_ms(stretch.through_at)};
  std::memcpy(head.magic, kMagic.data(), sizeof head.magic);
  std::ranges::copy(padded(deployment), head.deployment);
  std::string bytes;
  bytes.reserve(sizeof head + rows.size() + sizeof(schema::Digest));
  bytes.append(bytes_of(head)).append(rows);
  const schema::Digest sum = sealing::sha256(bytes);
  return bytes.append(bytes_of(sum.bytes));
}

std::optional<KeyRun> read_key_run(std::string_view bytes, std::string_view deployment) {
  Head head;
  if (bytes.size() < sizeof head + sizeof(schema::Digest)) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (std::string_view(head.magic, sizeof head.magic) != kMagic) return std::nullopt;
  const std::string_view summed = bytes.substr(0, bytes.size() - sizeof(schema::Digest));
  const schema::Digest sum = sealing::sha256(summed);
  if (std::memcmp(sum.bytes.data(), bytes.data() + summed.size(), sum.bytes.size()) != 0)
    return std::nullopt;
  const std::string_view rows = summed.substr(sizeof head);
  if (!std::ranges::equal(padded(deployment), head.deployment) || rows.size() % sizeof(Row) != 0)
    return std::nullopt;
  return KeyRun{.stretch = {.partition = {static_cast<std::uint16_t>(head.partition)},
                            .from = {head.from},
                            .through = {head.through},
                            .from_at = instant(head.from_ms),
                            .through_at = instant(head.through_ms)},
                .rows = rows};
}

void for_each_key(const KeyRun& run, const RowVisitor& visit) {
  for (std::size_t at = 0; at < run.rows.size(); at += sizeof(Row)) {
    const Row row = row_at(run.rows.substr(at));
    // Within that second, and forgotten a moment late rather than early.
    visit({schema::CommandId{row.id}, row.tag, {run.stretch.partition, sequence_of(row)}},
          instant((std::int64_t{row.decided_s} + 1) * 1000));
  }
}

}  // namespace boxoffice::processor
