#include "tests/simulation/cluster/distant_side_topic.hpp"

namespace boxoffice::simulation {

using event_log::Partition;
using event_log::Result;
using event_log::SideRecord;
using event_log::SideVisitor;

namespace {

constexpr std::size_t kOnItsWayMax = 30;

std::unexpected<event_log::LogError> unavailable(std::string what) {
  return std::unexpected(event_log::LogError{event_log::LogErrorKind::unavailable,
                                             "a side topic: " + std::move(what)});
}

/// Heads of snapshots have no sum of their own: brokers and clients check records, and a head that
/// tells of more than the log has ends a process with a named fault.
bool is_checked(std::string_view value) { return !value.starts_with("BOXHEAD1"); }

}  // namespace

class DistantSideTopic::Way final : public Sending {
 public:
  Way(DistantSideTopic& topic, Partition partition)
      : topic_(topic), sent_(std::make_shared<Sent>(topic.topic_.send_to(partition))) {}

  Result<void> send(std::string_view value, schema::Instant time,
                    std::chrono::milliseconds) override {
    if (topic_.on_its_way_.size() >= kOnItsWayMax) return unavailable("too much is on its way");
    topic_.on_its_way_.push_back({sent_, std::string(value), time});
    ++sent_->underway;
    topic_.arrive();
    return {};
  }

  Result<Settled> settle(std::chrono::milliseconds patience) override {
    if (!topic_.faults_.answers()) return unavailable("it took nothing in time");
    while (sent_->underway > 0 && !topic_.faults_.is_away()) topic_.first_arrives();
    if (sent_->underway > 0 || sent_->has_losses) return unavailable("not all has arrived");
    return sent_->arrived->settle(patience);
  }

 private:
  DistantSideTopic& topic_;
  const std::shared_ptr<Sent> sent_;
};

std::unique_ptr<event_log::SideTopic::Sending> DistantSideTopic::send_to(Partition partition) {
  return std::make_unique<Way>(*this, partition);
}

void DistantSideTopic::arrive() {
  while (!on_its_way_.empty() && !faults_.is_away() && !faults_.holds_up()) first_arrives();
}

void DistantSideTopic::first_arrives() {
  const Record record = std::move(on_its_way_.front());
  on_its_way_.pop_front();
  --record.of->underway;
  const bool is_lost =
      faults_.loses() || !record.of->arrived->send(record.value, record.time, {}).has_value();
  record.of->has_losses = record.of->has_losses || is_lost;
}

Result<event_log::SideTopic::Range> DistantSideTopic::range(Partition partition) {
  if (!faults_.answers()) return unavailable("nobody tells where it lies");
  return topic_.range(partition);
}

Result<std::uint64_t> DistantSideTopic::first_at(Partition partition, schema::Instant time) {
  if (!faults_.answers()) return unavailable("nobody tells what it has");
  return topic_.first_at(partition, time);
}

Result<void> DistantSideTopic::read(Partition partition, std::uint64_t from, std::uint64_t to,
                                    const SideVisitor& visit) {
  bool breaks_off = !faults_.answers();
  const auto done = topic_.read(partition, from, to, [&](const SideRecord& record) {
    if (breaks_off) return false;
    std::string value(record.value);
    if (is_checked(value) && !value.empty() && faults_.damages()) value[value.size() / 2] ^= 1;
    if (!visit({record.offset, value})) return false;
    breaks_off = !faults_.answers();
    return !breaks_off;
  });
  if (breaks_off) return unavailable("it was not read in time");
  return done;
}

Result<void> DistantSideTopic::trim(Partition partition, std::uint64_t before) {
  if (!faults_.answers()) return unavailable("it cannot be trimmed");
  return topic_.trim(partition, before);
}

}  // namespace boxoffice::simulation
