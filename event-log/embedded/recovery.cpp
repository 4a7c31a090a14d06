#include "event-log/embedded/recovery.hpp"

#include <algorithm>
#include <charconv>

#include "event-log/embedded/scan.hpp"

namespace boxoffice::event_log::embedded {
namespace {

namespace fs = std::filesystem;

std::unexpected<LogError> corrupt(std::string message) {
  return std::unexpected(
      LogError{LogErrorKind::corrupt, std::move(message) + "; restore it from a copy"});
}

Result<std::vector<std::uint64_t>> segment_numbers(Files& files, const fs::path& log) {
  const auto names = files.names_in(log);
  if (!names) return std::unexpected(names.error());
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : *names) {
    std::uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number > 0 && segment_path(log, number).filename() == name) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] != i + 1) return corrupt(segment_path(log, i + 1).string() + " is missing");
  return numbers;
}

Result<std::shared_ptr<const Segment>> open_segment(Files& files, const fs::path& log,
                                                    std::uint64_t number, OpenMode mode) {
  const fs::path path = segment_path(log, number);
  auto file = files.open(path, mode);
  if (!file) return std::unexpected(file.error());
  std::string bytes(kSegmentHeaderBytes, '\0');
  const auto got = (*file)->read_at(0, bytes);
  if (!got) return std::unexpected(got.error());
  const auto header = decode_segment_header(std::string_view(bytes).substr(0, *got));
  if (!header || header->number != number)
    return corrupt(path.string() + " is damaged at byte 0 (its header)");
  return std::make_shared<Segment>(path, *header, std::move(*file));
}

/// Nullopt where there is no good index file: the segment is scanned.
Result<std::optional<SealedSegment>> open_index(Files& files, const fs::path& log,
                                                const Segment& segment) {
  const fs::path path = index_path(log, segment.header.number);
  const auto there = files.exists(path);
  if (!there) return std::unexpected(there.error());
  if (!*there) return std::nullopt;
  auto file = files.open(path, OpenMode::read);
  if (!file) return std::unexpected(file.error());
  auto mapping = (*file)->map();
  if (!mapping) return std::unexpected(mapping.error());
  auto sealed = open_sealed(std::move(*mapping), segment.header);
  if (!sealed) return std::nullopt;
  const auto size = segment.file->size();
  if (!size) return std::unexpected(size.error());
  if (*size < sealed->data_end)
    return corrupt(segment.path.string() + " ends at byte " + std::to_string(*size) +
                   ", and its index knows " + std::to_string(sealed->data_end));
  return sealed;
}

}  // namespace

Result<Recovered> recover(Files& files, const fs::path& log, OpenMode mode,
                          std::uint16_t partitions, Segments& segments) {
  const auto numbers = segment_numbers(files, log);
  if (!numbers) return std::unexpected(numbers.error());
  std::vector<std::shared_ptr<const Segment>> opened;
  for (const std::uint64_t number : *numbers) {
    auto segment = open_segment(files, log, number, mode);
    if (!segment) return std::unexpected(segment.error());
    opened.push_back(std::move(*segment));
  }

  Recovered recovered;
  std::vector<Sequence> ends(partitions);
  for (std::size_t i = 0; i < opened.size(); ++i) {
    const auto& segment = opened[i];
    const bool last = i + 1 == opened.size();
    if (segment->header.first_frame != recovered.tail.next_frame)
      return corrupt(segment->path.string() + " does not follow the segment before it");
    if (!last) {
      auto sealed = open_index(files, log, *segment);
      if (!sealed) return std::unexpected(sealed.error());
      if (*sealed && (*sealed)->ends.size() == partitions &&
          (*sealed)->next_frame == opened[i + 1]->header.first_frame) {
        recovered.tail = {segment, (*sealed)->data_end, (*sealed)->next_frame};
        recovered.last_frame_at = (*sealed)->data_end;  // all of it was synced before it was sealed
        recovered.torn_end = 0;
        ends = (*sealed)->ends;
        segments.add_sealed(segment, std::move(**sealed));
        continue;
      }
    }
    const auto next = last ? std::nullopt : std::optional(opened[i + 1]->header.first_frame);
    auto found = scan(*segment, ends, next);
    if (!found) return std::unexpected(found.error());
    ends = found->index->ends();
    recovered.tail = {segment, found->data_end, found->next_frame};
    recovered.torn_end = found->torn_end;
    recovered.torn_events = std::move(found->torn_events);
    recovered.last_frame_at = found->last_frame_at;
    std::ranges::move(found->destroyed, std::back_inserter(recovered.destroyed));
    segments.add_growing(segment, std::move(found->index));
    if (!last) recovered.unsealed.push_back(recovered.tail);
  }
  return recovered;
}

std::optional<fs::path> keep_torn_end(Files& files, const Recovered& recovered) {
  const Tail& tail = recovered.tail;
  if (!tail.segment || recovered.torn_end <= tail.data_end) return std::nullopt;
  std::string torn(recovered.torn_end - tail.data_end, '\0');
  if (!tail.segment->file->read_at(tail.data_end, torn)) return std::nullopt;
  // Never over another: where a crash cut off the zeros written next, that has more than there is.
  for (int n = 1;; ++n) {
    fs::path path = tail.segment->path;
    path.replace_extension("cut-" + std::to_string(tail.data_end) +
                           (n == 1 ? "" : "-" + std::to_string(n)));
    const auto there = files.exists(path);
    if (!there) return std::nullopt;
    if (*there) {
      const auto kept = contents(files, path);
      if (kept && *kept == torn) return path;
      continue;
    }
    if (publish(files, path, torn)) return path;
    (void)files.remove(path.string() + ".tmp");
    return std::nullopt;
  }
}

Result<void> make_durable(Files& files, const std::filesystem::path& log,
                          const Recovered& recovered) {
  const Tail& tail = recovered.tail;
  if (!tail.segment) return {};
  File& file = *tail.segment->file;
  std::string bytes(tail.data_end - recovered.last_frame_at, '\0');
  if (auto read = file.read_at(recovered.last_frame_at, bytes); !read)
    return std::unexpected(read.error());
  bytes.resize(std::max(tail.data_end, recovered.torn_end) - recovered.last_frame_at, '\0');
  if (!bytes.empty())
    if (auto done = file.write_at(recovered.last_frame_at, bytes); !done) return done;
  if (auto done = file.sync(); !done) return done;
  return files.sync_directory(log);
}

}  // namespace boxoffice::event_log::embedded
