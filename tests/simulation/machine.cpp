#include "tests/simulation/machine.hpp"

namespace boxoffice::simulation {

using event_log::AppendFate;
using event_log::Crash;

Machine::Machine(const Plan& plan, std::shared_ptr<event_log::MemoryStore> store, Planted planted,
                 Random& random, Happenings& happened)
    : plan_(plan),
      store_(std::move(store)),
      planted_(planted),
      random_(random),
      happened_(happened),
      snapshots_(plan, kept_snapshots_, random,
                 [this](unsigned permille, const char* what) { return happens(permille, what); }) {}

Machine::~Machine() { crash(); }

void Machine::start() {
  log_ = event_log::open_memory(store_, faults());
  keys_ = std::make_unique<SimulatedKeys>(key_disk_, planted_, *log_, random_, [this] {
    return happens(plan_.crash, "a save of keys was torn");
  });
  std::vector<schema::Partition> all;
  for (std::uint16_t i = 0; i < plan_.partitions; ++i) all.push_back({i});
  processor_ = std::make_unique<processor::Processor>(
      plan_.settings, processor::Surroundings{.log = *log_,
                                            .keys = *keys_,
                                            .snapshots = snapshots_,
                                            .background = background_,
                                            .stopwatch = [] { return std::chrono::nanoseconds(); }},
      std::move(all));
}

void Machine::crash() {
  background_.forget();
  if (processor_) happened_["a writer was fenced"] += processor_->stats().appends_fenced;
  processor_.reset();
  keys_.reset();
  log_.reset();
}

void Machine::stop(schema::Instant now) {
  try {
    // Half of the times there is no patience for snapshots.
    while (processor_->prepare_to_leave() && random_.chance(500)) {
      processor_->step(now + clock_offset_);
      background_.work();
    }
    processor_->close();
    while (processor_->waiting() > 0) processor_->step(now + clock_offset_);
    processor_->leave();
  } catch (const Crash&) {
  }
  crash();
}

bool Machine::deliver(processor::Submission&& submission) {
  return processor_ && processor_->submit(std::move(submission));
}

bool Machine::step(schema::Instant true_time) {
  if (!processor_) return false;
  try {
    const auto progress = processor_->step(true_time + clock_offset_);
    if (calm_)
      background_.finish();
    else if (random_.chance(300))
      background_.work();
    if (happens(plan_.crash / 4, "a crash between steps")) throw Crash{};
    return progress.more;
  } catch (const Crash&) {
    crash();
    return false;
  }
}

event_log::Faults Machine::faults() {
  event_log::Faults faults;
  faults.append = [this](const event_log::Batch&) { return fate(); };
  faults.settle = [this](const event_log::Batch&) { return random_.chance(500); };
  faults.take_over_fails = [this] {
    if (happens(plan_.crash, "a crash while taking over")) throw Crash{};
    return happens(plan_.take_over_fails, "taking over failed");
  };
  faults.read_fails = [this] {
    if (happens(plan_.crash / 4, "a crash while reading")) throw Crash{};
    return happens(plan_.read_fails, "a read failed");
  };
  return faults;
}

AppendFate Machine::fate() {
  if (happens(plan_.refuse, "an append was refused")) return AppendFate::refused;
  if (happens(plan_.doubt, "an append was left in doubt")) return AppendFate::in_doubt;
  if (happens(plan_.hide, "an append was seen late")) return AppendFate::hidden;
  if (happens(plan_.crash / 2, "a crash before an append")) return AppendFate::crash_before;
  if (happens(plan_.crash / 2, "a crash after an append")) return AppendFate::crash_after;
  return AppendFate::committed;
}

bool Machine::happens(unsigned permille, const char* what) {
  if (calm_ || !random_.chance(permille)) return false;
  ++happened_[what];
  return true;
}

}  // namespace boxoffice::simulation
