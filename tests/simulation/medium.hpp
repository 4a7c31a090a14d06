#pragma once

#include <functional>
#include <memory>

#include "event-log/memory/memory_log.hpp"
#include "event-log/memory/memory_store.hpp"

namespace boxoffice::simulation {

/// What history is kept on, beyond all processes, as those see it who only read.
class Medium {
 public:
  virtual ~Medium() = default;

  /// `read_fails` may also throw, as a crash.
  virtual std::unique_ptr<event_log::Log> open(std::function<bool()> read_fails) = 0;
  /// The last event of a partition that is shown.
  virtual schema::Sequence end(schema::Partition partition) const = 0;
  /// Whether what was shown to somebody is perhaps not shown now.
  virtual bool hides_something() const = 0;
};

class MemoryMedium final : public Medium {
 public:
  explicit MemoryMedium(std::shared_ptr<event_log::MemoryStore> store) : store_(std::move(store)) {}

  std::unique_ptr<event_log::Log> open(std::function<bool()> read_fails) override {
    event_log::Faults faults;
    faults.read_fails = std::move(read_fails);
    return event_log::open_memory(store_, std::move(faults));
  }
  schema::Sequence end(schema::Partition partition) const override {
    return store_->end(partition);
  }
  bool hides_something() const override {
    const auto ends = store_->durable_ends();
    for (std::uint16_t i = 0; i < ends.size(); ++i)
      if (store_->end({i}) < ends[i]) return true;
    return false;
  }

 private:
  const std::shared_ptr<event_log::MemoryStore> store_;
};

}  // namespace boxoffice::simulation
