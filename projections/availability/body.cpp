#include <fmt/format.h>

#include <iterator>

#include "projections/availability/availability.hpp"

namespace boxoffice::projections {
namespace {

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  out += '"';
}

}  // namespace

std::string availability_body(const OccasionCounts& counts) {
  struct {
    std::uint64_t capacity = 0, free = 0, claimed = 0, issued = 0, burned = 0;
  } total;
  for (const PoolCounts& pool : counts.pools) {
    total.capacity += pool.capacity;
    total.free += pool.free();
    total.claimed += pool.claimed;
    total.issued += pool.issued;
    total.burned += pool.burned;
  }
  std::string body;
  const auto append_counts = [&body](const auto& of, std::uint64_t free) {
    fmt::format_to(std::back_inserter(body),
                   R"("capacity":{},"free":{},"claimed":{},"issued":{},"admitted":0,"burned":{})",
                   of.capacity, free, of.claimed, of.issued, of.burned);
  };
  body += '{';
  append_counts(total, total.free);
  body += ",\"pools\":[";
  for (const PoolCounts& pool : counts.pools) {
    body += &pool == &counts.pools.front() ? "{\"name\":" : ",{\"name\":";
    append_string(body, pool.name);
    body += ',';
    append_counts(pool, pool.free());
    body += '}';
  }
  fmt::format_to(std::back_inserter(body), R"(],"position":"{}"}})",
                 schema::to_text(counts.last_event));
  return body;
}

}  // namespace boxoffice::projections
