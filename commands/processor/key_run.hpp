#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "commands/processor/key_memory.hpp"

/// What travels of a memory of keys: all keys that a stretch of a partition's events has bound.
namespace boxoffice::processor {

/// The events behind `from`, up to and with `through`.
struct KeyStretch {
  schema::Partition partition;
  schema::Sequence from;
  schema::Sequence through;
  schema::Instant from_at{};  ///< not before the time of the event at `from`, nor later than at …
  schema::Instant through_at{};  ///< … `through`, which this is not before
};

/// A key's row in a run, the oldest first.
inline constexpr std::size_t kKeyRowBytes = 16 + 8 + 8 + 4;

void append_row(std::string& rows, const BoundKey& key, schema::Instant decided);
/// The event that bound the key of the row that begins there.
schema::Sequence sequence_of_row(std::string_view row);

/// The bytes of a run: a magic word with the version, the deployment, the stretch, the rows, the
/// SHA-256 of all before.
std::string key_run(std::string_view deployment, const KeyStretch& stretch, std::string_view rows);

struct KeyRun {
  KeyStretch stretch;
  std::string_view rows;  ///< within the bytes
};
/// nullopt: damaged, of another version or another deployment.
std::optional<KeyRun> read_key_run(std::string_view bytes, std::string_view deployment);

using RowVisitor = std::function<void(const BoundKey& key, schema::Instant decided)>;
void for_each_key(const KeyRun& run, const RowVisitor& visit);

}  // namespace boxoffice::processor
