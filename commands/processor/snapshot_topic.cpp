#include "commands/processor/snapshot_topic.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "commands/processor/pages.hpp"

namespace boxoffice::processor {

using event_log::LogError;
using event_log::LogErrorKind;
using event_log::Result;
using event_log::SideRecord;

namespace {

constexpr std::string_view kChunkMagic = "BOXCHNK1";
constexpr std::string_view kHeadMagic = "BOXHEAD1";
constexpr std::size_t kKept = 2;
/// Where nobody may trim, the topic has all that ever were.
constexpr std::size_t kLookedFor = 2 * kKept;

template <class T>
std::string_view bytes_of(const T& of) {
  return {reinterpret_cast<const char*>(&of), sizeof of};
}

/// Differs from any that somebody else takes at the same time.
std::array<std::uint8_t, 16> fresh_id() {
  std::array<std::uint8_t, 16> id{};
  while (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
  }
  return id;
}

std::unexpected<LogError> broken(const schema::Position& position, std::string_view what) {
  return std::unexpected(
      LogError{LogErrorKind::corrupt,
               "the snapshot at " + schema::to_text(position) + " " + std::string(what)});
}

}  // namespace

// Both as memory has them; `snapshot.cpp` says why that travels.
struct SnapshotTopic::ChunkHeader {
  char magic[8];
  Id id;
  std::uint64_t index;
};

struct SnapshotTopic::HeadRecord {
  char magic[8];
  Id id;
  std::uint64_t sequence;
  std::uint64_t first;
  std::uint64_t chunks;
  std::uint64_t bytes;
};

/// Sends what a frame writes in pieces.
class SnapshotTopic::Chunks {
 public:
  Chunks(event_log::SideTopic::Sending& sending, const Id& id, const Settings& settings)
      : sending_(sending), id_(id), settings_(settings) {
    begin();
  }

  bool add(std::string_view bytes) {
    bytes_ += bytes.size();
    while (!bytes.empty()) {
      const std::string_view fits = bytes.substr(0, settings_.chunk_bytes - chunk_.size());
      chunk_.append(fits);
      bytes.remove_prefix(fits.size());
      if (chunk_.size() == settings_.chunk_bytes && !send()) return false;
    }
    return true;
  }

  bool finish() { return chunk_.size() == sizeof(ChunkHeader) || send(); }

  std::uint64_t count() const { return index_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::optional<LogError>& error() const { return error_; }

 private:
  void begin() {
    ChunkHeader header{.id = id_, .index = index_};
    std::memcpy(header.magic, kChunkMagic.data(), sizeof header.magic);
    chunk_ = bytes_of(header);
  }

  bool send() {
    if (auto sent = sending_.send(chunk_, {}, settings_.patience); !sent) {
      error_ = sent.error();
      return false;
    }
    ++index_;
    begin();
    return true;
  }

  event_log::SideTopic::Sending& sending_;
  const Id id_;
  const Settings& settings_;
  std::string chunk_;
  std::uint64_t index_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<LogError> error_;
};

SnapshotTopic::SnapshotTopic(event_log::SideTopic& topic, OnTrouble on_trouble, Settings settings)
    : topic_(topic), on_trouble_(std::move(on_trouble)), settings_(settings) {}

SnapshotTopic::SnapshotTopic(event_log::SideTopic& topic, OnTrouble on_trouble)
    : SnapshotTopic(topic, std::move(on_trouble), Settings{}) {}

bool SnapshotTopic::save(schema::Position position, WriteTo frame) {
  bool stopped = false;
  const auto sent = send(position, std::move(frame), stopped);
  if (!sent)
    on_trouble_("the snapshot at " + schema::to_text(position) +
                " was not kept: " + sent.error().message);
  return sent && !stopped;
}

Result<void> SnapshotTopic::send(schema::Position position, WriteTo frame, bool& stopped) {
  const auto sending = topic_.send_to(position.partition);
  Kept kept{.id = fresh_id(), .position = position};
  Chunks chunks(*sending, kept.id, settings_);
  const bool whole =
      std::exchange(frame, nullptr)([&](std::string_view bytes) { return chunks.add(bytes); }) &&
      chunks.finish();
  if (chunks.error()) return std::unexpected(*chunks.error());
  stopped = !whole;
  if (stopped) return {};
  const auto settled = sending->settle(settings_.patience);
  if (!settled) return std::unexpected(settled.error());
  kept.first = settled->first;
  kept.chunks = chunks.count();
  kept.bytes = chunks.bytes();

  HeadRecord head{.id = kept.id,
                  .sequence = position.sequence.value,
                  .first = kept.first,
                  .chunks = kept.chunks,
                  .bytes = kept.bytes};
  std::memcpy(head.magic, kHeadMagic.data(), sizeof head.magic);
  if (auto sent = sending->send(bytes_of(head), {}, settings_.patience); !sent) return sent;
  const auto there = sending->settle(settings_.patience);
  if (!there) return std::unexpected(there.error());
  kept.head = there->last;
  // It is kept, whatever becomes of the older ones; they go with the next.
  if (auto trimmed = trim(kept); !trimmed) on_trouble_(trimmed.error().message);
  return {};
}

Result<void> SnapshotTopic::trim(const Kept& newest) {
  std::uint64_t before = 0;
  {
    const std::scoped_lock lock(mutex_);
    std::vector<Kept>& known = known_[newest.position.partition];
    known.push_back(newest);
    std::ranges::sort(known, {}, in_order);
    if (known.size() > kKept)
      known.erase(known.begin(), known.end() - static_cast<std::ptrdiff_t>(kKept));
    if (known.size() == kKept) before = std::ranges::min(known, {}, &Kept::first).first;
  }
  return before == 0 ? Result<void>() : topic_.trim(newest.position.partition, before);
}

std::vector<schema::Sequence> SnapshotTopic::list(schema::Partition partition) {
  auto found = find(partition);
  if (!found) {
    on_trouble_("the snapshots of partition " + std::to_string(partition.value) +
                " cannot be looked for: " + found.error().message);
    return {};
  }
  std::vector<schema::Sequence> sequences;
  for (const Kept& kept : *found) sequences.push_back(kept.position.sequence);
  std::ranges::sort(sequences, std::greater{});
  const auto doubled = std::ranges::unique(sequences);
  sequences.erase(doubled.begin(), doubled.end());
  std::ranges::sort(*found, {}, in_order);
  const std::scoped_lock lock(mutex_);
  known_[partition] = std::move(*found);
  return sequences;
}

/// From the last record back, over heads alone. Where something else is in the way (a crash in the
/// midst of a snapshot, two at a time), all is looked at.
Result<std::vector<SnapshotTopic::Kept>> SnapshotTopic::find(schema::Partition partition) {
  const auto range = topic_.range(partition);
  if (!range) return std::unexpected(range.error());
  std::vector<Kept> found;
  for (std::uint64_t before = range->end; before > range->first;) {
    const auto kept = kept_at(partition, before - 1);
    if (!kept) return std::unexpected(kept.error());
    if (!*kept || (*kept)->head - (*kept)->first != (*kept)->chunks) return scan(partition, *range);
    if ((*kept)->first < range->first) break;
    found.push_back(**kept);
    if (found.size() == kLookedFor) break;
    before = (*kept)->first;
  }
  return found;
}

Result<std::vector<SnapshotTopic::Kept>> SnapshotTopic::scan(schema::Partition partition,
                                                             event_log::SideTopic::Range range) {
  std::vector<Kept> found;
  const auto done = topic_.read(partition, range.first, range.end, [&](const SideRecord& record) {
    if (const auto kept = parsed_head(partition, record); kept && kept->first >= range.first)
      found.push_back(*kept);
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::optional<SnapshotTopic::Kept>> SnapshotTopic::kept_at(schema::Partition partition,
                                                                  std::uint64_t offset) {
  std::optional<Kept> kept;
  const auto done = topic_.read(partition, offset, offset + 1, [&](const SideRecord& record) {
    kept = parsed_head(partition, record);
    return false;
  });
  if (!done) return std::unexpected(done.error());
  return kept;
}

/// nullopt: it is no head.
std::optional<SnapshotTopic::Kept> SnapshotTopic::parsed_head(schema::Partition partition,
                                                              const SideRecord& record) {
  HeadRecord head;
  if (record.value.size() != sizeof head || !record.value.starts_with(kHeadMagic))
    return std::nullopt;
  std::memcpy(&head, record.value.data(), sizeof head);
  const bool is_possible = head.first < record.offset &&
                           head.chunks <= record.offset - head.first && head.bytes > 0 &&
                           head.bytes / event_log::kSideValueBytesMax <= head.chunks;
  if (!is_possible) return std::nullopt;
  return Kept{.id = head.id,
              .position = {partition, {head.sequence}},
              .first = head.first,
              .chunks = head.chunks,
              .bytes = head.bytes,
              .head = record.offset};
}

std::optional<SnapshotTopic::Kept> SnapshotTopic::known(schema::Position position) {
  const std::scoped_lock lock(mutex_);
  const std::vector<Kept>& known = known_[position.partition];
  const auto found = std::ranges::find(known.rbegin(), known.rend(), position, &Kept::position);
  return found == known.rend() ? std::nullopt : std::optional(*found);
}

std::optional<SnapshotStore::Frame> SnapshotTopic::read(schema::Position position) {
  const auto kept = known(position);
  if (!kept) return std::nullopt;
  auto frame = gather(*kept);
  if (frame) return std::move(*frame);
  on_trouble_(frame.error().message);
  return std::nullopt;
}

Result<SnapshotStore::Frame> SnapshotTopic::gather(const Kept& kept) {
  const auto frame = pages(kept.bytes);
  if (!frame) return broken(kept.position, "does not fit into memory");
  std::uint64_t next = 0;
  std::uint64_t bytes = 0;
  bool fits = true;
  const auto done =
      topic_.read(kept.position.partition, kept.first, kept.head, [&](const SideRecord& record) {
        ChunkHeader header;
        if (record.value.size() < sizeof header || !record.value.starts_with(kChunkMagic))
          return true;
        std::memcpy(&header, record.value.data(), sizeof header);
        if (header.id != kept.id) return true;
        const std::string_view piece = record.value.substr(sizeof header);
        fits = header.index == next++ && piece.size() <= kept.bytes - bytes;
        if (!fits) return false;
        std::memcpy(frame.get() + bytes, piece.data(), piece.size());
        bytes += piece.size();
        return true;
      });
  if (!done) return std::unexpected(done.error());
  if (!fits || bytes != kept.bytes) return broken(kept.position, "is not whole");
  return Frame{.bytes = {frame.get(), kept.bytes}, .kept_by = frame};
}

}  // namespace boxoffice::processor
