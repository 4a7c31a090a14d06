#include "event-log/memory/memory_commands.hpp"

#include <algorithm>

namespace boxoffice::event_log {
namespace {

bool happens(const std::function<bool()>& fault) { return fault && fault(); }

}  // namespace

class MemoryCommands::Source final : public CommandSource {
 public:
  Source(MemoryCommands& topic, Partition partition)
      : topic_(topic), partition_(partition), made_(topic.made_) {}

  std::string_view log() const override { return topic_.log_; }

  Result<Bounds> bounds(std::chrono::milliseconds) override {
    const std::scoped_lock lock(topic_.mutex_);
    if (topic_.made_ != made_) return made_anew();
    return Bounds{records().first, records().end()};
  }

  Result<void> seek(std::uint64_t offset) override {
    next_ = offset;
    return {};
  }

  Result<std::span<const CommandRecord>> read(std::size_t records_max) override {
    if (happens(topic_.faults_.read_fails))
      return std::unexpected(LogError{LogErrorKind::unavailable, "the topic cannot be read"});
    const std::scoped_lock lock(topic_.mutex_);
    if (topic_.made_ != made_) return made_anew();
    values_.clear();
    if (next_ < records().first || next_ > records().end())
      return std::unexpected(
          LogError{LogErrorKind::unavailable, "the topic has no offset " + std::to_string(next_)});
    for (; next_ < records().end() && values_.size() < records_max; ++next_)
      values_.push_back(records().values[next_ - records().first]);
    found_.clear();
    for (std::size_t i = 0; i < values_.size(); ++i)
      found_.push_back({next_ - values_.size() + i, values_[i]});
    return std::span<const CommandRecord>(found_);
  }

  // Tests step; nobody sleeps.
  void wait(std::chrono::steady_clock::time_point) override {}
  void interrupt() override {}

 private:
  std::unexpected<LogError> made_anew() const {
    return std::unexpected(LogError{LogErrorKind::corrupt, topic_.log_ + " was made anew"});
  }
  const Records& records() const { return topic_.partitions_[partition_.value]; }

  MemoryCommands& topic_;
  const Partition partition_;
  const int made_;
  std::uint64_t next_ = 0;
  std::vector<std::string> values_;
  std::vector<CommandRecord> found_;
};

MemoryCommands::MemoryCommands(std::uint16_t partitions, std::string log, Faults faults)
    : log_(std::move(log)), faults_(std::move(faults)), partitions_(partitions) {}

bool MemoryCommands::send(Partition partition, std::string_view, std::string_view value,
                          Sent& sent) {
  const bool is_lost = happens(faults_.loses_record);
  if (!is_lost) {
    const int times = happens(faults_.doubles_record) ? 2 : 1;
    const std::scoped_lock lock(mutex_);
    for (int i = 0; i < times; ++i) partitions_[partition.value].values.emplace_back(value);
  }
  sent(is_lost || happens(faults_.loses_acknowledgement)
           ? std::optional<std::string>("no broker said that it took the command")
           : std::nullopt);
  return true;
}

std::unique_ptr<CommandSource> MemoryCommands::source(Partition partition) {
  const std::scoped_lock lock(mutex_);
  return std::make_unique<Source>(*this, partition);
}

void MemoryCommands::forget_before(Partition partition, std::uint64_t offset) {
  const std::scoped_lock lock(mutex_);
  Records& records = partitions_[partition.value];
  const auto gone = std::min<std::uint64_t>(offset - records.first, records.values.size());
  records.values.erase(records.values.begin(),
                       records.values.begin() + static_cast<std::ptrdiff_t>(gone));
  records.first += gone;
}

void MemoryCommands::cut_at(Partition partition, std::uint64_t offset) {
  const std::scoped_lock lock(mutex_);
  partitions_[partition.value].values.resize(offset - partitions_[partition.value].first);
}

void MemoryCommands::make_anew() {
  const std::scoped_lock lock(mutex_);
  std::ranges::fill(partitions_, Records{});
  ++made_;
}

}  // namespace boxoffice::event_log
