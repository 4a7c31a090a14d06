#pragma once

#include <span>

#include "event-log/kafka/client.hpp"
#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log::kafka {

/// Where lanes end, in the order that was asked for: the offset after the last record, markers of
/// transactions included.
struct SettledEnds {
  std::vector<std::int64_t> offsets;  ///< all before is committed or aborted
  bool is_pending = false;  ///< behind them a transaction was open all the time that was given
};

/// Asks the cluster where its topics end. Thread-safe.
class Ends {
 public:
  /// The clients must outlive it; `observer` sees what is written, `reader` what is committed.
  Ends(const Client& observer, const Client& reader) : observer_(observer), reader_(reader) {}

  /// The ends of all that had been written when this was called, once each transaction among it is
  /// decided. That comes a moment after its commit was acknowledged: its markers are written then.
  /// Waits until `patience` for it.
  [[nodiscard]] Result<SettledEnds> settled(std::span<const Lane> lanes, Deadline patience,
                                            Deadline deadline) const;

 private:
  [[nodiscard]] static Result<std::vector<std::int64_t>> ask(const Client& client,
                                                             std::span<const Lane> lanes,
                                                             Deadline deadline);

  const Client& observer_;
  const Client& reader_;
};

}  // namespace boxoffice::event_log::kafka
