#pragma once

#include <optional>
#include <string>
#include <vector>

#include "projections/queries.hpp"
#include "projections/store/store.hpp"

namespace boxoffice::projections {

/// The positions that stand behind every one of some prefixes. Not thread-safe.
class Intersection {
 public:
  /// REQUIRES: at least one prefix.
  Intersection(const Table& table, std::vector<std::string> prefixes);

  struct Found {
    enum { position, end, out_of_steps, unreadable } what;
    /// The first common position at or after what was asked for; out of steps: where to ask again.
    Position at{};
  };
  /// REQUIRES: `from` never goes back. Takes each row that it looks at off `steps`.
  Found first_at_or_after(Position from, std::size_t& steps);

 private:
  struct Stream {
    std::string prefix;
    RowIterator rows;
  };
  /// The stream's first position at or after `from`; nullopt: it has no more.
  static std::optional<Position> advance(Stream& stream, Position from);

  std::vector<Stream> streams_;
};

}  // namespace boxoffice::projections
