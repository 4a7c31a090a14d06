#include "event-log/embedded/segment_files.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "event-log/require.hpp"

namespace boxoffice::event_log::embedded {
namespace {

constexpr std::string_view kUnfinished = "next.tmp";
/// The first segment is small and each next one twice as large, up to the setting: a new log opens
/// at once.
constexpr std::uint64_t kFirstSegmentBytes = std::uint64_t{1} << 20;
/// Written little by little: the kernel copies a piece in one go, and nobody else has that core
/// meanwhile, for milliseconds where a machine's host has to find the memory.
constexpr std::uint64_t kFillBytes = std::uint64_t{64} << 10;
/// Synced piece by piece, so that an append's sync never queues behind much of it.
constexpr std::uint64_t kSyncBytes = std::uint64_t{1} << 20;

Result<void> fill(File& file, std::uint64_t bytes) {
  static const std::string zeros(kFillBytes, '\0');
  for (std::uint64_t at = 0; at < bytes;) {
    const std::uint64_t piece = std::min(kFillBytes, bytes - at);
    if (auto done = file.write_at(at, std::string_view(zeros).substr(0, piece)); !done) return done;
    at += piece;
    if (at % kSyncBytes != 0 && at < bytes) continue;
    if (auto done = file.sync(); !done) return done;
  }
  return {};
}

Result<std::unique_ptr<File>> make_filled(Files& files, const std::filesystem::path& path,
                                          std::uint64_t bytes) {
  auto file = files.open(path, OpenMode::create);
  if (!file) return file;
  if (auto filled = fill(**file, bytes); !filled) {
    // Gives the space back: what filled the disk may be this very file.
    (void)files.remove(path);
    return std::unexpected(filled.error());
  }
  return file;
}

}  // namespace

SegmentFiles::SegmentFiles(Files& files, std::filesystem::path log, std::size_t segment_bytes)
    : files_(files), log_(std::move(log)), segment_bytes_(segment_bytes) {
  // What an earlier process prepared and did not use.
  (void)files_.remove(log_ / kUnfinished);
}

std::uint64_t SegmentFiles::capacity_of(std::uint64_t number) const {
  const std::uint64_t doublings = std::min<std::uint64_t>(number - 1, 16);
  return std::min<std::uint64_t>(segment_bytes_, kFirstSegmentBytes << doublings);
}

void SegmentFiles::prepare(std::uint64_t number) {
  if (prepared_.valid()) return;
  prepared_capacity_ = capacity_of(number);
  prepared_ = background_.run([this, bytes = prepared_capacity_] {
    return make_filled(files_, log_ / kUnfinished, bytes);
  });
}

Result<std::shared_ptr<const Segment>> SegmentFiles::begin(std::uint64_t number,
                                                           std::uint64_t first_frame,
                                                           std::uint64_t bytes) {
  if (!begun_) {
    auto segment = made(number, first_frame, bytes);
    if (!segment) return segment;
    begun_ = std::move(*segment);
  }
  require(begun_->header.number == number && begun_->header.first_frame == first_frame,
          "a segment that has begun is completed before anything else is appended");
  if (auto done = publish_begun(); !done) return std::unexpected(done.error());
  return std::exchange(begun_, nullptr);
}

Result<std::shared_ptr<const Segment>> SegmentFiles::made(std::uint64_t number,
                                                          std::uint64_t first_frame,
                                                          std::uint64_t bytes) {
  prepare(number);
  auto file = prepared_.get();
  if (!file) {
    // That may have been long ago, and the disk may be well again.
    prepare(number);
    file = prepared_.get();
  }
  if (!file) return std::unexpected(file.error());
  auto segment = std::make_shared<Segment>(
      Segment{.path = segment_path(log_, number),
              .header = {.salt = std::random_device{}(),
                         .number = number,
                         .first_frame = first_frame,
                         .capacity = std::max(prepared_capacity_, kSegmentHeaderBytes + bytes)},
              .file = std::move(*file)});
  if (auto done = segment->file->write_at(0, encode(segment->header)); !done)
    return std::unexpected(done.error());
  if (auto done = segment->file->sync(); !done) return std::unexpected(done.error());
  return segment;
}

Result<void> SegmentFiles::publish_begun() {
  // An earlier attempt may have renamed it.
  const auto renamed = files_.exists(begun_->path);
  if (!renamed) return std::unexpected(renamed.error());
  if (!*renamed)
    if (auto done = files_.rename(log_ / kUnfinished, begun_->path); !done) return done;
  return files_.sync_directory(log_);
}

void SegmentFiles::seal(Segments& segments, const Erasure& erasure,
                        std::shared_ptr<const Segment> segment, std::uint64_t data_end,
                        std::uint64_t next_frame) {
  background_.run([this, &segments, &erasure, segment = std::move(segment), data_end, next_frame] {
    if (!erasure.is_complete()) return;
    const std::uint64_t number = segment->header.number;
    const GrowingIndex& index = segments.growing(number);
    if (!segment->file->truncate(data_end)) return;
    const auto path = index_path(log_, number);
    if (!publish(files_, path, index.encode(segment->header, data_end, next_frame))) return;
    auto file = files_.open(path, OpenMode::read);
    if (!file) return;
    auto mapping = (*file)->map();
    if (!mapping) return;
    if (auto sealed = open_sealed(std::move(*mapping), segment->header))
      segments.seal(number, std::move(sealed->index));
  });
}

}  // namespace boxoffice::event_log::embedded
