#include "projections/audit/intersection.hpp"

#include "projections/store/packed.hpp"

namespace boxoffice::projections {

Intersection::Intersection(const Table& table, std::vector<std::string> prefixes) {
  for (std::string& prefix : prefixes) {
    streams_.push_back({std::move(prefix), table.rows()});
    streams_.back().rows.seek(streams_.back().prefix);
  }
}

std::optional<Position> Intersection::advance(Stream& stream, Position from) {
  const auto position = [&]() -> std::optional<Position> {
    if (!stream.rows.valid() || !stream.rows.key().starts_with(stream.prefix)) return std::nullopt;
    return Unpacker(stream.rows.key().substr(stream.prefix.size())).position();
  };
  std::optional<Position> at = position();
  if (!at || *at >= from) return at;
  stream.rows.next();  // mostly it is the next one, and that is cheaper than to seek
  at = position();
  if (!at || *at >= from) return at;
  std::string key = stream.prefix;
  Packer(key).position(from);
  stream.rows.seek(key);
  return position();
}

Intersection::Found Intersection::first_at_or_after(Position from, std::size_t& steps) {
  std::size_t agreeing = 0;
  for (std::size_t i = 0; agreeing < streams_.size(); i = (i + 1) % streams_.size()) {
    if (steps == 0) return {Found::out_of_steps, from};
    --steps;
    const std::optional<Position> at = advance(streams_[i], from);
    if (!at) return {streams_[i].rows.status() ? Found::end : Found::unreadable, from};
    agreeing = *at == from ? agreeing + 1 : 1;
    from = *at;
  }
  return {Found::position, from};
}

}  // namespace boxoffice::projections
