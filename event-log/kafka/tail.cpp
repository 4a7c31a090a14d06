#include "event-log/kafka/tail.hpp"

#include <pthread.h>

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

std::vector<Lane> all_event_lanes(std::uint16_t partitions) {
  std::vector<Lane> lanes;
  for (std::uint16_t i = 0; i < partitions; ++i)
    for (const Lane lane : event_lanes({i})) lanes.push_back(lane);
  return lanes;
}

}  // namespace

Tail::Tail(Cluster& cluster)
    : cluster_(cluster), watch_(cluster.ends, all_event_lanes(cluster.settings.partitions)) {
  for (std::uint16_t i = 0; i < cluster.settings.partitions; ++i)
    cursors_.push_back(
        std::make_unique<KafkaCursor>(cluster, Position{{i}, cluster.end({i})}, &bell_));
  thread_ = std::thread([this] { run(); });
}

Tail::~Tail() {
  stopping_ = true;
  bell_.ring();
  thread_.join();
}

void Tail::run() {
  pthread_setname_np(pthread_self(), "log-tail");
  while (!stopping_) {
    bool has_come = false;
    for (const auto& cursor : cursors_) has_come = (!stopping_ && hand_over(*cursor)) || has_come;
    watch_.look([this](std::size_t lane, std::int64_t offset) {
      return cursors_[lane / kEventLanes]->has_read(lane % kEventLanes, offset);
    });
    if (!has_come) bell_.wait(within(kQuiet));
  }
}

bool Tail::hand_over(KafkaCursor& cursor) {
  // A partition that waits for a marker keeps none of the others waiting.
  const auto read = cursor.read_at_hand(kReadBytes);
  // What cannot be read, now or ever, is for who reads the log to say: they know from `end` that
  // there is more.
  if (!read || read->empty()) return false;
  auto batch = std::make_shared<Batch>();
  batch->events.reserve(read->size());
  for (const StoredEvent& stored : *read) {
    CommittedEvent& event = batch->events.emplace_back();
    event.topic = stored.topic;
    event.value = stored.value;
    if (!reader_.event(stored.value, event.envelope, event.event)) return true;
  }
  cluster_.notify(batch);
  return true;
}

}  // namespace boxoffice::event_log::kafka
