#include "event-log/embedded/segments.hpp"

#include <algorithm>
#include <cstdio>
#include <mutex>

#include "event-log/require.hpp"

namespace boxoffice::event_log::embedded {
namespace {

std::filesystem::path numbered(const std::filesystem::path& log, std::uint64_t number,
                               const char* ending) {
  char name[32];
  std::snprintf(name, sizeof name, "%08llu%s", static_cast<unsigned long long>(number), ending);
  return log / name;
}

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& log, std::uint64_t number) {
  return numbered(log, number, ".log");
}

std::filesystem::path index_path(const std::filesystem::path& log, std::uint64_t number) {
  return numbered(log, number, ".index");
}

std::vector<Sequence> Segments::ends() const {
  const std::shared_lock lock(mutex_);
  return ends_;
}

Sequence Segments::end(Partition partition) const {
  const std::shared_lock lock(mutex_);
  return ends_[partition.value];
}

Run Segments::find(Position first, std::size_t count_max) const {
  const std::shared_lock lock(mutex_);
  if (first.sequence.value == 0 || first.sequence > ends_[first.partition.value]) return {};
  const auto starts_after = [&](Sequence sequence, const Entry& entry) {
    return sequence < entry.index->first(first.partition);
  };
  // The last segment that begins at or before the event: those before it that are empty for the
  // partition begin with the same one.
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), first.sequence, starts_after);
  const Entry& entry = *std::prev(after);
  const auto offsets =
      entry.index->offsets(first.partition)
          .subspan(first.sequence.value - entry.index->first(first.partition).value);
  const auto some = offsets.first(std::min(count_max, offsets.size()));
  return {entry.segment, {some.begin(), some.end()}};
}

std::vector<KeyAddress> Segments::keys(std::uint64_t hash) const {
  const std::shared_lock lock(mutex_);
  std::vector<KeyAddress> found;
  for (const Entry& entry : entries_)
    for (const std::uint32_t offset : entry.index->keys(hash))
      found.push_back({entry.segment, offset});
  return found;
}

std::optional<KeysOfSegment> Segments::keys_from(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  const auto found = std::ranges::find_if(
      entries_, [number](const Entry& entry) { return entry.segment->header.number >= number; });
  if (found == entries_.end()) return std::nullopt;
  return KeysOfSegment{found->segment, found->index->keys()};
}

void Segments::add_sealed(std::shared_ptr<const Segment> segment, SealedSegment sealed) {
  const std::unique_lock lock(mutex_);
  ends_ = std::move(sealed.ends);
  entries_.push_back({std::move(segment), std::move(sealed.index)});
}

void Segments::add_growing(std::shared_ptr<const Segment> segment,
                           std::unique_ptr<GrowingIndex> index) {
  const std::unique_lock lock(mutex_);
  ends_ = index->ends();
  GrowingIndex* const growing = index.get();
  entries_.push_back({std::move(segment), std::move(index), growing});
}

void Segments::commit(std::uint32_t frame, const FramePlaces& places) {
  const std::unique_lock lock(mutex_);
  entries_.back().growing->add(frame, places);
  for (const EventPlace& event : places.events)
    ends_[event.position.partition.value] = event.position.sequence;
}

Segments::Entry& Segments::entry(std::uint64_t number) {
  const auto found = std::ranges::find(
      entries_, number, [](const Entry& entry) { return entry.segment->header.number; });
  require(found != entries_.end(), "a segment is one of the log's");
  return *found;
}

const GrowingIndex& Segments::growing(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  return *const_cast<Segments*>(this)->entry(number).growing;
}

void Segments::seal(std::uint64_t number, std::unique_ptr<SegmentIndex> index) {
  // What is replaced ends behind the lock: to free its millions of places takes a while, and
  // commits need the lock.
  {
    const std::unique_lock lock(mutex_);
    Entry& sealed = entry(number);
    sealed.index.swap(index);
    sealed.growing = nullptr;
  }
}

}  // namespace boxoffice::event_log::embedded
