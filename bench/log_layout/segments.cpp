#include <stdexcept>

#include "bench/log_layout/layout.hpp"
#include "event-log/embedded/embedded_log.hpp"

namespace boxoffice::bench {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

template <class T>
T got(event_log::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class SegmentsFollower final : public Follower {
 public:
  explicit SegmentsFollower(std::unique_ptr<event_log::Cursor> cursor)
      : cursor_(std::move(cursor)) {}

  std::size_t read(const Visit& visit) override {
    const auto events = got(cursor_->read(kReadBytes));
    for (const event_log::StoredEvent& event : events) visit(event.value);
    return events.size();
  }

 private:
  std::unique_ptr<event_log::Cursor> cursor_;
};

class Segments final : public Layout {
 public:
  explicit Segments(const std::filesystem::path& directory)
      : log_(got(event_log::open_embedded({.directory = directory, .partitions = kPartitions}))) {
    std::vector<Partition> all;
    for (std::uint16_t i = 0; i < kPartitions; ++i) all.push_back({i});
    writer_ = got(log_->take_over(all));
  }

  void append(const std::shared_ptr<const Batch>& batch) override { got(writer_->append(batch)); }
  std::unique_ptr<Follower> follow(Partition partition) override {
    return std::make_unique<SegmentsFollower>(log_->read_after({partition, {0}}));
  }

 private:
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<event_log::Writer> writer_;
};

}  // namespace

std::unique_ptr<Layout> open_segments(const std::filesystem::path& directory) {
  return std::make_unique<Segments>(directory);
}

}  // namespace boxoffice::bench
