#include "commands/processor/shards.hpp"

#include <algorithm>
#include <utility>

namespace boxoffice::processor {

namespace {

std::string in_words(const std::vector<schema::Partition>& partitions) {
  std::string words = partitions.size() == 1 ? "partition" : "partitions";
  for (const schema::Partition partition : partitions)
    words += " " + std::to_string(partition.value);
  return words;
}

}  // namespace

Shards::Shards(const Settings& settings, std::vector<Shard> shards,
               const ProcessorThread::Clock& clock) {
  const bool has_all = shards.size() == 1;
  for (Shard& shard : shards) {
    for (const schema::Partition partition : shard.partitions) {
      shard_of_.resize(std::max<std::size_t>(shard_of_.size(), partition.value + 1u));
      shard_of_[partition.value] = shards_.size();
    }
    Deciding& deciding = shards_.emplace_back();
    if (!has_all) deciding.partitions = in_words(shard.partitions);
    const std::string name =
        has_all ? "deciding" : "deciding-" + std::to_string(shard.partitions.front().value);
    deciding.processor = std::make_unique<Processor>(settings, std::move(shard.surroundings),
                                                     std::move(shard.partitions));
    deciding.thread = std::make_unique<ProcessorThread>(*deciding.processor, clock, name);
  }
}

Shards::~Shards() { stop(); }

bool Shards::submit(Submission&& submission) {
  const auto partition = schema::partition_of(schema::to_text(submission.subject),
                                              static_cast<std::uint16_t>(shard_of_.size()));
  return shards_[shard_of_[partition.value]].processor->submit(std::move(submission));
}

Processor::Status Shards::status() const {
  Processor::Status together{.ready = true};
  std::size_t not_ready = 0;
  for (const Deciding& shard : shards_) {
    Processor::Status status = shard.processor->status();
    const bool is_worse = together.retry_helps && !status.retry_helps;
    if (status.ready || (++not_ready > 1 && !is_worse)) continue;
    together.ready = false;
    together.retry_helps = status.retry_helps;
    together.reason = shard.partitions.empty() ? "" : shard.partitions + ": ";
    together.reason += status.reason;
  }
  if (not_ready > 1) together.reason += ", and " + std::to_string(not_ready - 1) + " more";
  return together;
}

Stats Shards::stats() const {
  Stats together;
  for (const Deciding& shard : shards_) together = std::move(together) + shard.processor->stats();
  return together;
}

void Shards::stop() {
  for (Deciding& shard : shards_) shard.thread->begin_to_stop();
  for (Deciding& shard : shards_) shard.thread->stop();
}

}  // namespace boxoffice::processor
