#include "event-log/memory/memory_side_topic.hpp"

#include <algorithm>
#include <utility>

#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace {

std::unexpected<LogError> unavailable(std::string what) {
  return std::unexpected(LogError{LogErrorKind::unavailable, "side topic: " + std::move(what)});
}

bool happens(const std::function<bool()>& fault) { return fault && fault(); }

}  // namespace

class MemorySideTopic::Way final : public Sending {
 public:
  Way(MemorySideTopic& topic, Partition partition) : topic_(topic), partition_(partition) {}

  Result<void> send(std::string_view value, schema::Instant time,
                    std::chrono::milliseconds) override {
    require(value.size() <= kSideValueBytesMax, "a record of a side topic is within bounds");
    if (happens(topic_.faults_.send_fails)) return unavailable("no room, by the fault plan");
    if (happens(topic_.faults_.loses)) {
      is_lost_ = true;
      return {};
    }
    const std::lock_guard lock(topic_.mutex_);
    Kept& kept = topic_.kept_[partition_.value];
    const std::uint64_t offset = kept.end();
    settled_ = {settled_ ? settled_->first : offset, offset};
    kept.values.emplace_back(value);
    kept.times.push_back(time);
    return {};
  }

  Result<Settled> settle(std::chrono::milliseconds) override {
    const auto settled = std::exchange(settled_, std::nullopt);
    if (std::exchange(is_lost_, false)) return unavailable("a record was lost, by the fault plan");
    require(settled.has_value(), "something was sent");
    return *settled;
  }

 private:
  MemorySideTopic& topic_;
  const Partition partition_;
  std::optional<Settled> settled_;
  bool is_lost_ = false;
};

MemorySideTopic::MemorySideTopic(std::uint16_t partitions, Faults faults)
    : faults_(std::move(faults)), kept_(partitions) {}

std::unique_ptr<SideTopic::Sending> MemorySideTopic::send_to(Partition partition) {
  return std::make_unique<Way>(*this, partition);
}

Result<SideTopic::Range> MemorySideTopic::range(Partition partition) {
  if (happens(faults_.read_fails)) return unavailable("reading fails by the fault plan");
  const std::lock_guard lock(mutex_);
  const Kept& kept = kept_[partition.value];
  return Range{kept.first, kept.end()};
}

Result<std::uint64_t> MemorySideTopic::first_at(Partition partition, schema::Instant time) {
  if (happens(faults_.read_fails)) return unavailable("reading fails by the fault plan");
  const std::lock_guard lock(mutex_);
  const Kept& kept = kept_[partition.value];
  const auto found =
      std::ranges::find_if(kept.times, [&](schema::Instant of) { return of >= time; });
  return kept.first + static_cast<std::uint64_t>(found - kept.times.begin());
}

Result<void> MemorySideTopic::read(Partition partition, std::uint64_t from, std::uint64_t to,
                                   const SideVisitor& visit) {
  if (happens(faults_.read_fails)) return unavailable("reading fails by the fault plan");
  for (std::uint64_t at = from;; ++at) {
    std::string value;
    {
      const std::lock_guard lock(mutex_);
      const Kept& kept = kept_[partition.value];
      at = std::max(at, kept.first);
      if (at >= std::min(to, kept.end())) return {};
      value = kept.values[at - kept.first];
      bytes_read_ += value.size();
    }
    if (!visit({at, value})) return {};
  }
}

Result<void> MemorySideTopic::trim(Partition partition, std::uint64_t before) {
  if (happens(faults_.trim_fails)) return unavailable("trimming fails by the fault plan");
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_[partition.value];
  if (before <= kept.first) return {};
  const auto gone = static_cast<std::ptrdiff_t>(std::min(before, kept.end()) - kept.first);
  kept.values.erase(kept.values.begin(), kept.values.begin() + gone);
  kept.times.erase(kept.times.begin(), kept.times.begin() + gone);
  kept.first += static_cast<std::uint64_t>(gone);
  return {};
}

}  // namespace boxoffice::event_log
