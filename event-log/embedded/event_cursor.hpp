#pragma once

#include <memory>
#include <vector>

#include "event-log/embedded/segments.hpp"
#include "event-log/log.hpp"

namespace boxoffice::event_log::embedded {

/// Reads one partition. Records that lie close together are read at once, with what stands between
/// them.
class EventCursor final : public Cursor {
 public:
  EventCursor(std::shared_ptr<const Segments> segments, Position after);

  [[nodiscard]] Result<std::span<const StoredEvent>> read(std::size_t bytes_max) override;

 private:
  std::span<const std::uint32_t> ahead() const { return std::span(run_.offsets).subspan(taken_); }
  void make_room(std::size_t bytes);
  /// Takes what is whole of `bytes`, which begin with the next event.
  Result<void> take(std::string_view bytes, std::size_t count);
  Result<void> take_long();

  const std::shared_ptr<const Segments> segments_;
  Position next_;
  Run run_;                // where the next events lie
  std::size_t taken_ = 0;  // of `run_`

  // Of the read under way.
  std::unique_ptr<char[]> buffer_;  // with padding behind
  std::size_t buffer_bytes_ = 0;
  std::vector<StoredEvent> events_;
};

/// `corrupt`, with the file and the offset, unless the bytes at `offset` are the event at
/// `expected`.
[[nodiscard]] Result<EventRecord> checked_event(std::string_view bytes, Position expected,
                                                const Segment& segment, std::uint32_t offset);

/// The exact bytes of one event, with padding in the capacity; nullopt past the end. One read,
/// unless it is long.
[[nodiscard]] Result<std::optional<std::string>> read_event(const Segments& segments,
                                                            Position position);

}  // namespace boxoffice::event_log::embedded
