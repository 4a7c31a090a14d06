#pragma once

#include <functional>
#include <memory>

#include "event-log/memory/memory_log.hpp"
#include "tests/processor/memory_snapshots.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

/// Snapshots on a disk that may fail, lie about what it keeps, and crash the process that writes.
class SimulatedSnapshots final : public processor::SnapshotStore {
 public:
  /// `kept` outlives crashes. `happens` is asked by the thousandths of a chance, and told of what.
  SimulatedSnapshots(const Plan& plan, processor::MemorySnapshots& kept, Random& random,
                     std::function<bool(unsigned, const char*)> happens)
      : plan_(plan), kept_(kept), random_(random), happens_(std::move(happens)) {}

  bool save(schema::Position position, processor::WriteTo write) override {
    if (happens_(plan_.snapshot_fails, "a snapshot could not be kept")) return false;
    auto frame = processor::gathered(write);
    if (!frame) return false;
    if (happens_(plan_.crash, "a snapshot was torn")) {
      // A disk that lies: the name is there, half of the bytes are not.
      frame->resize(random_.below(frame->size()));
      kept_.keep(position, std::move(*frame));
      throw event_log::Crash{};
    }
    kept_.keep(position, std::move(*frame));
    return true;
  }

  std::vector<schema::Sequence> list(schema::Partition partition) override {
    return kept_.list(partition);
  }

  std::optional<Frame> read(schema::Position position) override {
    const auto found = kept_.frames.find(position);
    if (found == kept_.frames.end()) return std::nullopt;
    const auto frame = std::make_shared<std::string>(found->second);
    if (!frame->empty() && happens_(plan_.snapshot_fails / 4, "a snapshot was read damaged"))
      (*frame)[random_.below(frame->size())] ^= 1;
    return Frame{.bytes = *frame, .kept_by = frame};
  }

 private:
  const Plan& plan_;
  processor::MemorySnapshots& kept_;
  Random& random_;
  const std::function<bool(unsigned, const char*)> happens_;
};

}  // namespace boxoffice::simulation
