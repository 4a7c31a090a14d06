// boxoffice_hash_baseline: reads every event of a log through its port and hashes it with SHA-256,
// and no more. What `replay verify` is measured against.

#include <fmt/format.h>

#include "event-log/embedded/embedded_log.hpp"
#include "sealing/sealing.hpp"

namespace {

using boxoffice::event_log::LogError;
using boxoffice::event_log::Result;

constexpr std::size_t kReadBytes = 1 << 20;

struct Counted {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint8_t folded = 0;  ///< of all hashes, so that none may be left out
};

Result<void> read(boxoffice::event_log::Log& log, boxoffice::schema::Partition partition,
                  Counted& counted) {
  const auto cursor = log.read_after({.partition = partition});
  for (;;) {
    const auto events = cursor->read(kReadBytes);
    if (!events) return std::unexpected(events.error());
    if (events->empty()) return {};
    for (const auto& event : *events) {
      counted.folded ^= boxoffice::sealing::sha256(event.value).bytes[0];
      counted.bytes += event.value.size();
      ++counted.events;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: boxoffice_hash_baseline LOG_DIRECTORY\n");
    return 2;
  }
  const auto log = boxoffice::event_log::open_embedded_for_reading(argv[1]);
  if (!log) {
    fmt::print(stderr, "{}\n", log.error().message);
    return 1;
  }
  Counted counted;
  for (std::uint16_t index = 0; index < (*log)->partitions(); ++index) {
    const auto read_all = read(**log, boxoffice::schema::Partition(index), counted);
    if (!read_all) {
      fmt::print(stderr, "{}\n", read_all.error().message);
      return 1;
    }
  }
  fmt::print("{} events, {} bytes, {:02x}\n", counted.events, counted.bytes, counted.folded);
}
