#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "event-log/log.hpp"

/// The port of topics beside the history: what the owner of a partition leaves there makes it quick
/// to take the partition over on another machine. All of it can be made from the log again, so
/// whatever is lost here costs time and nothing else; and nobody is fenced here, so that who has
/// lost the partition may still write: what is read must tell itself whether it holds.
namespace boxoffice::event_log {

struct SideRecord {
  std::uint64_t offset = 0;
  std::string_view value;  ///< valid for the call
};
/// Is handed one record. False: no more are wanted.
using SideVisitor = std::function<bool(const SideRecord&)>;

/// Below what brokers take by default.
inline constexpr std::size_t kSideValueBytesMax = 900'000;

/// Thread-safe, but for what `Sending` says of itself.
class SideTopic {
 public:
  /// Records on their way to one partition. For one thread at a time; must not outlive the topic.
  class Sending {
   public:
    virtual ~Sending() = default;

    /// Copies the record and has it on its way, behind those that were sent before; `time` is what
    /// `first_at` finds it by, zero: now. Waits at most `patience` while too much of all senders is
    /// on its way; `unavailable`: the record was not taken. REQUIRES: at most kSideValueBytesMax.
    [[nodiscard]] virtual Result<void> send(std::string_view value, schema::Instant time,
                                            std::chrono::milliseconds patience) = 0;

    struct Settled {
      std::uint64_t first = 0;  ///< offset of the first record, and of the last
      std::uint64_t last = 0;
    };
    /// Waits at most `patience` until all is durable that was sent since it was settled last.
    /// `unavailable`: perhaps some is not, and then never may be; what became of each is told once.
    /// REQUIRES: something was sent since.
    [[nodiscard]] virtual Result<Settled> settle(std::chrono::milliseconds patience) = 0;
  };

  struct Range {
    std::uint64_t first = 0;  ///< those before are not kept any more
    std::uint64_t end = 0;    ///< behind the last
  };

  virtual ~SideTopic() = default;

  [[nodiscard]] virtual std::unique_ptr<Sending> send_to(Partition partition) = 0;

  [[nodiscard]] virtual Result<Range> range(Partition partition) = 0;
  /// The first record of that time or a later one, also behind earlier ones; the end: there is
  /// none.
  [[nodiscard]] virtual Result<std::uint64_t> first_at(Partition partition,
                                                       schema::Instant time) = 0;
  /// Hands over the records from one offset up to before another, in order. Those that are not kept
  /// any more are left out.
  [[nodiscard]] virtual Result<void> read(Partition partition, std::uint64_t from, std::uint64_t to,
                                          const SideVisitor& visit) = 0;
  /// Has the records before an offset deleted.
  [[nodiscard]] virtual Result<void> trim(Partition partition, std::uint64_t before) = 0;
};

}  // namespace boxoffice::event_log
