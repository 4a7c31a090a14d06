#include "event-log/batch_rules.hpp"

#include <algorithm>

#include "event-log/about.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log {

std::vector<Sequence> ends_after(const Batch& batch, std::span<const Sequence> ends,
                                 std::span<const Partition> owned) {
  const auto owns = [&](Partition partition) {
    return partition.value < ends.size() && std::ranges::find(owned, partition) != owned.end();
  };
  std::vector<Sequence> after(ends.begin(), ends.end());
  for (const CommittedEvent& event : batch.events) {
    const Position position = event.envelope.position;
    require(owns(position.partition), "a writer appends to partitions that it took over");
    Sequence& end = after[position.partition.value];
    require(position.sequence == end.next(), "sequences go on where the partition ends");
    require(static_cast<std::size_t>(event.topic) < schema::kTopics, "an event has a topic");
    require(!event.value.empty() && event.value.size() <= kValueBytesMax,
            "an event's value has 1 to 65,535 bytes");
    end = position.sequence;
  }
  for (const KeyRecord& key : batch.keys) {
    require(owns(key.partition), "a writer puts keys into partitions that it took over");
    require(!key.name.empty() && key.name.size() <= kKeyNameBytesMax,
            "a key's name has 1 to 255 bytes");
    require(!is_about_the_log(key.name) || key.partition == kAboutPartition,
            "what a log says of itself is in partition 0");
    require(key.value.size() <= kKeyValueBytesMax, "a wrapped key has at most 4,096 bytes");
  }
  for (const ReplyRecord& reply : batch.replies)
    require(owns(reply.partition), "a writer replies in partitions that it took over");
  return after;
}

}  // namespace boxoffice::event_log
