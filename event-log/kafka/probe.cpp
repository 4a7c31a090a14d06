#include "event-log/kafka/probe.hpp"

#include <algorithm>

namespace boxoffice::event_log::kafka {
namespace {

/// How far back the last events are looked for at first, and how much farther each next time. The
/// last record has one marker behind it, unless aborted transactions follow.
constexpr std::int64_t kBackFirst = 2;
constexpr std::int64_t kBackFactor = 16;

Result<Found> found(const Record& record, Lane lane, std::string_view topic) {
  const auto sequence = sequence_of(record, lane, topic);
  if (!sequence) return std::unexpected(sequence.error());
  Found found{.sequence = *sequence, .offset = record.offset()};
  found.value.reserve(record.value().size() + schema::kPadding);
  found.value.append(record.value());
  return found;
}

enum class Which { first, last };

/// One stretch that is being read.
struct Reading {
  std::size_t index;  // of the stretch
  Stream stream;
  bool is_done = false;
};

Result<void> advance(Reading& reading, const Stretch& stretch, Which which, std::string_view topic,
                     std::optional<Found>& into) {
  while (const Record* head = reading.stream.head()) {
    if (head->offset() >= stretch.to) break;
    auto event = found(*head, stretch.lane, topic);
    if (!event) return std::unexpected(event.error());
    into = std::move(*event);
    (void)reading.stream.take();
    if (which == Which::last) continue;
    reading.is_done = true;
    return {};
  }
  reading.is_done = reading.stream.next_offset() >= stretch.to;
  if (!reading.is_done && reading.stream.error()) return std::unexpected(*reading.stream.error());
  return {};
}

Result<std::vector<std::optional<Found>>> read(Reader& reader, std::span<const Stretch> stretches,
                                               Which which, Deadline deadline) {
  std::vector<std::optional<Found>> events(stretches.size());
  Bell bell;
  std::vector<Reading> readings;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    if (stretches[i].is_empty()) continue;
    auto stream = Stream::open(reader, stretches[i].lane, stretches[i].from, bell);
    if (!stream) return std::unexpected(stream.error());
    readings.push_back({i, std::move(*stream)});
  }
  for (;;) {
    for (Reading& reading : readings) {
      if (reading.is_done) continue;
      const Stretch& stretch = stretches[reading.index];
      if (auto done = advance(reading, stretch, which, reader.topic_name(stretch.lane.number),
                              events[reading.index]);
          !done)
        return std::unexpected(done.error());
    }
    if (std::ranges::all_of(readings, &Reading::is_done)) return events;
    if (!bell.wait(deadline)) return unavailable("no broker hands over records in time");
  }
}

}  // namespace

Result<Sequence> sequence_of(const Record& record, Lane lane, std::string_view topic) {
  const auto position = position_of(record.value());
  if (position && position->partition == lane.partition) return position->sequence;
  return corrupt(std::string(topic) + " [" + std::to_string(lane.partition.value) +
                 "] has a record at offset " + std::to_string(record.offset()) +
                 " that is no event of this partition");
}

Result<std::vector<std::optional<Found>>> first_events(Reader& reader,
                                                       std::span<const Stretch> stretches,
                                                       Deadline deadline) {
  return read(reader, stretches, Which::first, deadline);
}

Result<std::vector<std::optional<Found>>> last_events(Reader& reader,
                                                      std::span<const Stretch> stretches,
                                                      Deadline deadline) {
  std::vector<std::optional<Found>> events(stretches.size());
  // What is still to be looked at, from its end backwards.
  std::vector<Stretch> tails(stretches.begin(), stretches.end());
  for (std::int64_t back = kBackFirst;; back *= kBackFactor) {
    for (std::size_t i = 0; i < tails.size(); ++i)
      tails[i].from = std::max(stretches[i].from, tails[i].to - back);
    auto some = read(reader, tails, Which::last, deadline);
    if (!some) return std::unexpected(some.error());
    bool is_complete = true;
    for (std::size_t i = 0; i < tails.size(); ++i) {
      if ((*some)[i]) events[i] = std::move((*some)[i]);
      const bool is_done = events[i] || tails[i].from <= stretches[i].from;
      if (is_done) tails[i].from = tails[i].to = stretches[i].from;
      is_complete = is_complete && is_done;
    }
    if (is_complete) return events;
  }
}

}  // namespace boxoffice::event_log::kafka
