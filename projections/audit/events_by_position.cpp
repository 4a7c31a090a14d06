#include "projections/audit/events_by_position.hpp"

#include <algorithm>

namespace boxoffice::projections {
namespace {

constexpr std::size_t kBlockBytes = 64u << 10;

constexpr auto unavailable = std::unexpected<QueryError>(QueryError::unavailable);

}  // namespace

QueryResult<EventsByPosition::Read> EventsByPosition::parsed(std::string_view value) {
  if (!reader_.event(value, envelope_, event_)) return unavailable;
  return Read{value, envelope_, event_};
}

QueryResult<EventsByPosition::Read> EventsByPosition::at(Position position) {
  auto value = log_.at(position);
  if (!value || !*value) return unavailable;
  value_ = std::move(**value);
  const std::size_t size = value_.size();
  value_.resize(size + schema::kPadding);
  return parsed(std::string_view(value_).substr(0, size));
}

QueryResult<EventsByPosition::Read> EventsByPosition::next_at(Position position) {
  const auto here = [&] { return !block_.empty() && block_.front().position == position; };
  if (!block_.empty() && !here()) block_ = block_.subspan(1);
  if (!here()) {
    const bool follows = cursor_ && block_.empty() && cursor_at_ == position;
    if (!follows) cursor_ = log_.read_after({position.partition, {position.sequence.value - 1}});
    auto block = cursor_->read(kBlockBytes);
    if (!block || block->empty()) return unavailable;
    block_ = *block;
    cursor_at_ = block_.back().position;
    cursor_at_.sequence = cursor_at_.sequence.next();
    if (!here()) return unavailable;
  }
  return parsed(block_.front().value);
}

QueryResult<Sequence> EventsByPosition::first_since(Partition partition, Sequence last,
                                                    Instant time, std::size_t& steps) {
  std::uint64_t low = 1;
  std::uint64_t high = last.value + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto read = at({partition, {middle}});
    if (!read) return std::unexpected(read.error());
    steps -= std::min<std::size_t>(steps, 1);
    if (read->envelope.time >= time)
      high = middle;
    else
      low = middle + 1;
  }
  return Sequence{low};
}

}  // namespace boxoffice::projections
