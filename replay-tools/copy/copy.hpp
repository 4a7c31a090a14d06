#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "event-log/log.hpp"
#include "replay-tools/copy/chain.hpp"

/// Copying a log into another of any kind: every event with its bytes, partition and sequence, and
/// the wrapped keys that are left.
///
/// It may end at any moment, and is begun again where it stopped: what is there is part of the
/// history, or the destination is refused and nothing written. Until it is whole, the destination
/// says that it is not (`CopyMark`).
namespace boxoffice::replay {

struct CopySettings {
  std::string from;  ///< the kind of log that is copied: embedded, kafka
  /// False: somebody goes on appending to it, and the copy remains unfinished.
  std::function<event_log::Result<bool>()> is_at_rest = [] { return true; };
  /// Is told what is being done, for who waits.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  /// What the destination gets beside history, once it was accepted: see event-log/about.hpp.
  std::vector<event_log::KeyRecord> also = {};
};

struct CopiedPartition {
  schema::Partition partition;
  ChainHead head;
  std::uint64_t copied = 0;  ///< events, this time
};

struct CopyReport {
  std::vector<CopiedPartition> partitions;
  std::size_t keys = 0;
  std::size_t keys_copied = 0;     ///< this time
  std::size_t keys_destroyed = 0;  ///< in the destination, for they are gone
  bool is_whole = false;
};

enum class CopyFaultKind : std::uint8_t {
  finding,  ///< a chain is broken, or the destination has another history
  failure,  ///< something could not be read or written; again later
};

struct CopyFault {
  CopyFaultKind kind{};
  std::string message;  ///< for an operator
};

/// REQUIRES: nobody else appends to `to`. Whoever does is fenced.
[[nodiscard]] std::expected<CopyReport, CopyFault> copy_log(event_log::Log& from,
                                                            event_log::Log& to,
                                                            const CopySettings& settings);

}  // namespace boxoffice::replay
