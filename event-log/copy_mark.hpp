#pragma once

#include "event-log/log.hpp"

/// What a log that was copied says of itself, in the record `copy` (see about.hpp). It is
/// there from before the first copied event on, so that nobody goes on with half of a history.
namespace boxoffice::event_log {

enum class CopyState : std::uint8_t {
  unfinished,  ///< events or keys are missing; nobody may append but who copies
  whole,       ///< all is there; the next owner appends `LogAdopted` to each partition
  adopted,     ///< a log of its own
};

struct CopyMark {
  CopyState state{};
  std::string id;    ///< of the copy, random
  std::string from;  ///< the kind of log that it was copied from: embedded, kafka
  bool operator==(const CopyMark&) const = default;
};

/// nullopt: it is no copy.
[[nodiscard]] Result<std::optional<CopyMark>> copy_mark(Log& log);
[[nodiscard]] KeyRecord record_of(const CopyMark& mark);

}  // namespace boxoffice::event_log
