#include "replay-tools/verify/stored_keys.hpp"

#include <algorithm>

namespace boxoffice::replay {
namespace {

using event_log::KeyName;

/// What events say of a key: they name it by what its name ends in.
std::string_view id_in(const KeyName& key) {
  return std::string_view(key.name).substr(key.name.rfind('/') + 1);
}

/// Of the first event of the partition that has `text`; the sequence 0 where none is found.
event_log::Result<schema::Position> first_with(event_log::Log& log, schema::Partition partition,
                                               std::string_view text) {
  constexpr std::size_t kReadBytes = 1 << 20;
  const auto cursor = log.read_after({partition, {0}});
  for (;;) {
    const auto events = cursor->read(kReadBytes);
    if (!events) return std::unexpected(events.error());
    if (events->empty()) return schema::Position{partition, {0}};
    const auto found = std::ranges::find_if(*events, [&](const event_log::StoredEvent& event) {
      return event.value.find(text) != std::string_view::npos;
    });
    if (found != events->end()) return found->position;
  }
}

}  // namespace

event_log::Result<void> judge_stored_keys(event_log::Log& log, Report& report) {
  const auto damaged = log.damaged_keys();
  if (!damaged) return std::unexpected(damaged.error());
  for (const KeyName& key : *damaged) {
    schema::Position position{key.partition, {0}};
    if (report.violations_found < Report::kViolationsKept)
      position = first_with(log, key.partition, id_in(key)).value_or(position);
    report.add(position, rule::kStored,
               "its key, " + key.name +
                   ", reads differently from what was written: what was sealed with it cannot be "
                   "opened; restore the log from a copy");
  }
  std::ranges::stable_sort(report.violations, {}, &Violation::position);
  return {};
}

}  // namespace boxoffice::replay
