#include "event-log/kafka/ends.hpp"

#include <thread>

#include "event-log/kafka/lane_edges.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kMarkersSoon{1};
constexpr std::chrono::milliseconds kMarkersLate{10};

}  // namespace

Result<std::vector<std::int64_t>> Ends::ask(const Client& client, std::span<const Lane> lanes,
                                            Deadline deadline) {
  auto offsets = edges(client, lanes, Edge::end, deadline);
  if (!offsets) return unavailable("no broker tells where the topics end: " + offsets.error());
  return std::move(*offsets);
}

Result<SettledEnds> Ends::settled(std::span<const Lane> lanes, Deadline patience,
                                  Deadline deadline) const {
  const auto written = ask(observer_, lanes, deadline);
  if (!written) return std::unexpected(written.error());
  auto pause = kMarkersSoon;
  for (;;) {
    auto committed = ask(reader_, lanes, deadline);
    if (!committed) return std::unexpected(committed.error());
    SettledEnds ends{.offsets = *written};
    for (std::size_t i = 0; i < lanes.size(); ++i)
      if ((*committed)[i] < ends.offsets[i]) {
        ends.offsets[i] = (*committed)[i];
        ends.is_pending = true;
      }
    if (!ends.is_pending || Clock::now() >= patience) return ends;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kMarkersLate);
  }
}

}  // namespace boxoffice::event_log::kafka
