#include "event-log/embedded/index.hpp"

#include <algorithm>

#include "event-log/embedded/crc32c.hpp"
#include "event-log/embedded/little_endian.hpp"

// An index file:
//
//     magic 8 · crc 4 (of what follows) · salt 4 · segment's number 8 · data's end 8 · next frame 8
//     · partitions 4 · keys 4 for each partition: first sequence 8 · events 4 · where its offsets
//     begin in the table 4 for each key record, in order of hash and offset: hash 8 · offset 4 ·
//     zeros 4 the table of offsets, 4 each
namespace boxoffice::event_log::embedded {
namespace {

constexpr std::string_view kIndexMagic = "BOXIDX1\n";
constexpr std::size_t kIndexHeaderBytes = 48;
constexpr std::size_t kPartBytes = 16;
constexpr std::size_t kKeyBytes = 16;

class MappedIndex final : public SegmentIndex {
 public:
  MappedIndex(std::unique_ptr<Mapping> file, std::size_t partitions, std::size_t keys)
      : file_(std::move(file)),
        keys_(bytes().substr(kIndexHeaderBytes + partitions * kPartBytes)),
        offsets_(keys_.substr(keys * kKeyBytes)),
        key_count_(keys) {
    const std::string_view parts = bytes().substr(kIndexHeaderBytes);
    for (std::size_t at = 0; parts_.size() < partitions; at += kPartBytes)
      parts_.push_back({.first = {get<std::uint64_t>(parts, at)},
                        .count = get<std::uint32_t>(parts, at + 8),
                        .begin = get<std::uint32_t>(parts, at + 12)});
    file_->let_go();  // all of it was looked at once, and little of it will be again
  }

  Sequence first(Partition partition) const override { return parts_[partition.value].first; }

  std::span<const std::uint32_t> offsets(Partition partition) const override {
    const Part& part = parts_[partition.value];
    // The mapping is page-aligned and all before the table are multiples of four bytes.
    return {reinterpret_cast<const std::uint32_t*>(offsets_.data()) + part.begin, part.count};
  }

  std::vector<std::uint32_t> keys(std::uint64_t hash) const override {
    std::size_t low = 0;
    for (std::size_t high = key_count_; low < high;) {
      const std::size_t middle = low + (high - low) / 2;
      if (hash_at(middle) < hash)
        low = middle + 1;
      else
        high = middle;
    }
    std::vector<std::uint32_t> found;
    for (; low < key_count_ && hash_at(low) == hash; ++low) found.push_back(offset_at(low));
    return found;
  }
  std::vector<std::uint32_t> keys() const override {
    std::vector<std::uint32_t> all;
    all.reserve(key_count_);
    for (std::size_t i = 0; i < key_count_; ++i) all.push_back(offset_at(i));
    std::ranges::sort(all);
    return all;
  }

 private:
  struct Part {
    Sequence first;
    std::uint32_t count;
    std::uint32_t begin;  ///< in the table of offsets
  };

  std::string_view bytes() const { return {file_->bytes().data(), file_->bytes().size()}; }
  std::uint64_t hash_at(std::size_t i) const { return get<std::uint64_t>(keys_, i * kKeyBytes); }
  std::uint32_t offset_at(std::size_t i) const {
    return get<std::uint32_t>(keys_, i * kKeyBytes + 8);
  }

  const std::unique_ptr<Mapping> file_;
  /// Copied, for each search of a segment asks for them: to look into the file for that would map
  /// up to 2 MB of it.
  std::vector<Part> parts_;
  const std::string_view keys_;
  const std::string_view offsets_;
  const std::size_t key_count_;
};

template <class T>
void append(std::string& out, T value) {
  char bytes[sizeof value];
  put(bytes, value);
  out.append(bytes, sizeof value);
}

}  // namespace

GrowingIndex::GrowingIndex(std::span<const Sequence> ends_before) {
  parts_.reserve(ends_before.size());
  for (const Sequence end : ends_before) parts_.push_back({.first = end.next(), .offsets = {}});
}

void GrowingIndex::add(std::uint32_t frame, const FramePlaces& places) {
  for (const EventPlace& event : places.events)
    parts_[event.position.partition.value].offsets.push_back(frame + event.offset);
  for (const KeyPlace& key : places.keys)
    keys_like(key.hash).push_back({key.hash, frame + key.offset});
}

std::vector<std::uint32_t> GrowingIndex::keys(std::uint64_t hash) const {
  std::vector<std::uint32_t> found;
  for (const Key& key : keys_like(hash))
    if (key.hash == hash) found.push_back(key.offset);
  return found;
}

std::vector<std::uint32_t> GrowingIndex::keys() const {
  std::vector<std::uint32_t> all;
  for (const std::vector<Key>& alike : keys_)
    for (const Key& key : alike) all.push_back(key.offset);
  std::ranges::sort(all);
  return all;
}

std::vector<Sequence> GrowingIndex::ends() const {
  std::vector<Sequence> ends;
  for (const Part& part : parts_) ends.push_back({part.first.value - 1 + part.offsets.size()});
  return ends;
}

std::string GrowingIndex::encode(const SegmentHeader& segment, std::uint64_t data_end,
                                 std::uint64_t next_frame) const {
  std::vector<Key> keys;
  for (const std::vector<Key>& alike : keys_) keys.insert(keys.end(), alike.begin(), alike.end());
  std::ranges::sort(keys);

  std::string out(kIndexMagic);
  append(out, std::uint32_t{0});
  append(out, segment.salt);
  append(out, segment.number);
  append(out, data_end);
  append(out, next_frame);
  append(out, static_cast<std::uint32_t>(parts_.size()));
  append(out, static_cast<std::uint32_t>(keys.size()));
  std::uint32_t begin = 0;
  for (const Part& part : parts_) {
    append(out, part.first.value);
    append(out, static_cast<std::uint32_t>(part.offsets.size()));
    append(out, begin);
    begin += static_cast<std::uint32_t>(part.offsets.size());
  }
  for (const auto& [hash, offset] : keys) {
    append(out, hash);
    append(out, offset);
    append(out, std::uint32_t{0});
  }
  for (const Part& part : parts_)
    out.append(reinterpret_cast<const char*>(part.offsets.data()), part.offsets.size() * 4);
  put(out.data() + 8, crc32c(std::string_view(out).substr(12)));
  return out;
}

std::optional<SealedSegment> open_sealed(std::unique_ptr<Mapping> file,
                                         const SegmentHeader& segment) {
  const std::string_view bytes(file->bytes().data(), file->bytes().size());
  if (bytes.size() < kIndexHeaderBytes || !bytes.starts_with(kIndexMagic) ||
      get<std::uint32_t>(bytes, 8) != crc32c(bytes.substr(12)) ||
      get<std::uint32_t>(bytes, 12) != segment.salt ||
      get<std::uint64_t>(bytes, 16) != segment.number)
    return std::nullopt;
  const auto partitions = get<std::uint32_t>(bytes, 40);
  const auto keys = get<std::uint32_t>(bytes, 44);
  SealedSegment sealed{.index = nullptr,
                       .data_end = get<std::uint64_t>(bytes, 24),
                       .next_frame = get<std::uint64_t>(bytes, 32),
                       .ends = {}};
  sealed.index = std::make_unique<MappedIndex>(std::move(file), partitions, keys);
  for (std::uint16_t p = 0; p < partitions; ++p)
    sealed.ends.push_back({sealed.index->first({p}).value - 1 + sealed.index->offsets({p}).size()});
  return sealed;
}

}  // namespace boxoffice::event_log::embedded
