#include "tests/simulation/cluster/held.hpp"

#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

using event_log::Crash;
using event_log::Delivery;
using event_log::Request;
using processor::TopicArrivals;

namespace {

constexpr std::size_t kCommandsAtOnce = 20;

const char* words_for(Request request) {
  switch (request) {
    case Request::fence:
      return "a take-over";
    case Request::produce:
      return "a transaction";
    case Request::end:
      return "a commit";
    case Request::read:
      return "a read";
  }
  return "";
}

/// Commands as a process gets them: it may have to wait, and it may fail.
class DistantCommands final : public event_log::CommandSource {
 public:
  DistantCommands(std::unique_ptr<event_log::CommandSource> commands,
                  std::function<Delivery()> request)
      : commands_(std::move(commands)), request_(std::move(request)) {}

  std::string_view log() const override { return commands_->log(); }
  event_log::Result<Bounds> bounds(std::chrono::milliseconds patience) override {
    if (request_() != Delivery::arrives) return fails();
    return commands_->bounds(patience);
  }
  event_log::Result<void> seek(std::uint64_t offset) override { return commands_->seek(offset); }
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t max) override {
    if (request_() != Delivery::arrives) return fails();
    return commands_->read(max);
  }
  void wait(std::chrono::steady_clock::time_point) override {}
  void interrupt() override {}

 private:
  static std::unexpected<event_log::LogError> fails() {
    return std::unexpected(
        event_log::LogError{event_log::LogErrorKind::unavailable, "the commands cannot be read"});
  }

  const std::unique_ptr<event_log::CommandSource> commands_;
  const std::function<Delivery()> request_;
};

/// A topic's commands, with a mistake.
class MistakenArrivals final : public processor::Arrivals {
 public:
  MistakenArrivals(std::unique_ptr<TopicArrivals> topic, Planted planted)
      : topic_(std::move(topic)), planted_(planted) {}

  std::expected<void, processor::RecoveryError> resume(
      std::span<const processor::OwnedPartition> owned) override {
    if (planted_ != Planted::forgotten_mark) return topic_->resume(owned);
    return topic_->resume(
        std::array{processor::OwnedPartition{.partition = owned.front().partition}});
  }
  std::optional<processor::SkippedCommands> take_skipped() override {
    auto skipped = topic_->take_skipped();
    return planted_ == Planted::untold_skip ? std::nullopt : skipped;
  }
  void suspend() override { topic_->suspend(); }
  std::expected<void, processor::RecoveryError> take(
      std::vector<processor::Submission>& into) override {
    return topic_->take(into);
  }
  void wait(std::chrono::steady_clock::time_point until) override { topic_->wait(until); }
  void interrupt() override { topic_->interrupt(); }
  void close() override { topic_->close(); }
  std::size_t depth() const override { return topic_->depth(); }
  std::string_view log() const override { return topic_->log(); }

 private:
  const std::unique_ptr<TopicArrivals> topic_;
  const Planted planted_;
};

void pass_over_nothing(std::uint64_t from, std::uint64_t, const std::string& why) {
  throw Violation("the record at " + std::to_string(from) + " was passed over: " + why);
}

event_log::Conduct conduct_of(Planted planted, Group::Member member) {
  event_log::Conduct conduct;
  if (planted == Planted::unfenced_producers) conduct.name_in_ids = std::to_string(member) + "-";
  conduct.doubts_repeated_ends = planted != Planted::undoubted_ends;
  return conduct;
}

}  // namespace

Held::Held(Process process, schema::Partition partition, KeyDisk& key_disk)
    : process_(std::move(process)),
      cluster_(process_.cluster),
      partition_(partition),
      snapshots_(cluster_.plan.plan, process_.snapshots, cluster_.random,
                 [this](unsigned permille, const char*) { return cluster_.happens(permille); }),
      log_(event_log::open_on_broker(
          cluster_.broker, [this](Request sent, schema::Partition) { return request(sent); },
          conduct_of(cluster_.planted, process_.member()))),
      keys_(key_disk, cluster_.planted, *log_, cluster_.random) {
  auto topic = std::make_unique<TopicArrivals>(
      std::make_unique<DistantCommands>(cluster_.commands.source(partition_),
                                        [this] { return request(Request::read); }),
      cluster_.plan.plan.partitions, kCommandsAtOnce, pass_over_nothing,
      [this] { return cluster_.steady_now(); });
  topic_ = topic.get();
  if (cluster_.planted == Planted::forgotten_mark || cluster_.planted == Planted::untold_skip)
    arrivals_ = std::make_unique<MistakenArrivals>(std::move(topic), cluster_.planted);
  else
    arrivals_ = std::move(topic);
  if (cluster_.plan.state_travels) travelling_.emplace(beside(), partition_, *log_, keys_);
  processor::SnapshotStore& own_snapshots = snapshots_;
  processor::KeyMemory& own_keys = keys_;
  processor_ = std::make_unique<processor::Processor>(
      cluster_.plan.plan.settings,
      processor::Surroundings{
          .log = *log_,
          .keys = travelling_ ? travelling_->keys() : own_keys,
          .snapshots = travelling_ ? travelling_->snapshots() : own_snapshots,
          .background = background_,
          .may_take_over = [this] { return may_take_over(); },
          .clock_trouble = process_.clock_trouble,
          .stopwatch = [this] { return stopwatch(); },
          .arrivals = arrivals_.get(),
          .on_taken_over = [this](const auto& taken_over) { note(taken_over); }},
      std::vector{partition_});
}

/// Now and then, what is measured takes long.
std::chrono::nanoseconds Held::stopwatch() {
  if (cluster_.happens(100)) lingered_ += std::chrono::milliseconds(300);
  return cluster_.steady_now().time_since_epoch() + lingered_;
}

Held::~Held() {
  background_.forget();
  if (processor_->stats().repeats_put_off > 0) ++cluster_.happened["a repeat was put off"];
}

Travelling::Process Held::beside() {
  return {.cluster = cluster_, .request = [this] {
            if (cluster_.happens(cluster_.plan.plan.crash / 8)) throw Crash{};
            perhaps_linger("what travels");
          }};
}

void Held::note(const processor::TakenOver& taken_over) {
  if (!travelling_) return;
  const processor::RecoveryFacts& facts = taken_over.facts;
  if (facts.snapshot > schema::Sequence{}) ++cluster_.happened["a snapshot that travelled served"];
  if (facts.keys_gathered > 0) ++cluster_.happened["keys that travelled served"];
  if (!facts.passed_over.empty()) ++cluster_.happened["a snapshot that travelled did not serve"];
}

void Held::live() {
  if (travelling_) travelling_->arrive();
  if (thread_.is_under_way()) {
    if (cluster_.is_calm || cluster_.random.chance(cluster_.plan.go_on)) thread_.resume();
    return;
  }
  if (is_given_up_) return;
  thread_.begin([this] { is_leaving_ ? leave() : step(); });
  // Nothing that is kept was damaged, so there is nothing that somebody would have to mend.
  if (const auto status = processor_->status(); !status.retry_helps)
    throw Violation("a partition cannot be taken over any more: " + status.reason);
}

void Held::step() {
  // In peace it is quicker than impatient clients; before, their repeats may bury it.
  do {
    processor_->step(process_.clock());
  } while (cluster_.is_calm && is_ready() && !topic_->trouble() && has_commands());
  if (cluster_.is_calm)
    background_.finish();
  else if (cluster_.random.chance(300))
    background_.work();
}

void Held::leave() {
  processor_->end();
  while (processor_->prepare_to_leave() && cluster_.random.chance(500)) {
    processor_->step(process_.clock());
    background_.work();
  }
  processor_->close();
  while (processor_->waiting() > 0) processor_->step(process_.clock());
  processor_->leave();
  is_given_up_ = true;
}

bool Held::has_commands() const {
  const auto bounds = cluster_.commands.source(partition_)->bounds({});
  return processor_->waiting() > 0 || topic_->next().value_or(0) < bounds->end;
}

std::optional<std::string> Held::is_busy_with() const {
  if (thread_.is_under_way()) return "a call that is under way";
  if (const auto status = processor_->status(); !status.ready) return status.reason;
  if (has_commands())
    return "commands from offset " + std::to_string(topic_->next().value_or(0)) + " on";
  return std::nullopt;
}

Delivery Held::request(Request request) {
  if (cluster_.happens(cluster_.plan.plan.crash / 8)) throw Crash{};
  perhaps_linger(words_for(request));
  if (request == Request::fence) fenced_at_ = cluster_.group.now();
  if (request == Request::produce) check_right();
  return cluster_.fate_of(request);
}

/// Whoever writes has been, at some moment since it fenced the others, who the group takes for the
/// owner: else it may have fenced its own successor, which would fence it in turn.
void Held::check_right() const {
  const auto owned = cluster_.group.last_owned(process_.member(), partition_);
  if (!fenced_at_ || !owned || *owned < *fenced_at_)
    throw Violation("partition " + std::to_string(partition_.value) +
                    " is decided by a process that had lost it before it took it over");
}

std::expected<void, std::string> Held::may_take_over() {
  if (cluster_.planted == Planted::unproved_take_over) return {};
  if (request(Request::read) != Delivery::arrives)
    return std::unexpected("nobody tells who is the owner");
  if (!cluster_.group.takes_offset(process_.member(), partition_)) {
    ++cluster_.happened["a process that is not the owner did not take over"];
    return std::unexpected("another is the owner");
  }
  return {};
}

void Held::perhaps_linger(const char* where) {
  if (!cluster_.happens(cluster_.plan.linger)) return;
  ++cluster_.happened[std::string("a thread was left in the midst of ") + where];
  if (cluster_.random.chance(500)) process_.stop();
  thread_.pause();
}

}  // namespace boxoffice::simulation
