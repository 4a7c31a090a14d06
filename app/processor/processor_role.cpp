#include "app/processor/processor_role.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "app/metrics/clock.hpp"
#include "app/metrics/deciding.hpp"
#include "app/processor/held_partitions.hpp"
#include "app/serve/engine.hpp"
#include "app/serve/log_lines.hpp"
#include "app/serve/opened_vault.hpp"
#include "app/serve/or_throw.hpp"
#include "app/serve/process.hpp"
#include "app/serve/readiness_lines.hpp"
#include "app/serve/ready_file.hpp"
#include "app/serve/tenure.hpp"
#include "app/settings/kafka_settings.hpp"
#include "app/settings/role_settings.hpp"
#include "app/settings/subcommands.hpp"
#include "app/status/status_page.hpp"
#include "commands/processor/adoption.hpp"
#include "event-log/kafka/command_topic.hpp"
#include "event-log/kafka/membership.hpp"
#include "event-log/kafka/side_topics.hpp"
#include "event-log/kafka/time_signal.hpp"
#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
/// A clock that was off must have been right for so long.
constexpr std::chrono::seconds kRightFor{5};

/// All that decides. Members stand in the order in which they depend on each other.
class Deciding {
 public:
  explicit Deciding(const Settings& settings)
      : opened_(open_log_on_kafka(settings)),
        vault_(open_vault(settings, opened_)),
        kafka_(kafka_beside(*opened_.log, settings)),
        signal_(or_throw(event_log::KafkaTimeSignal::open(kafka_))),
        side_(or_throw(event_log::KafkaSideTopics::open(kafka_))),
        topic_(or_throw(event_log::KafkaCommandTopic::open(kafka_))),
        session_timeout_(settings.duration("session-timeout-ms")),
        held_(makings(settings)) {
    const auto holder = or_throw(holder_of(*opened_.log));
    if (!holder || *holder == kProcessors) claim();
    (void)signal_->await_right_clock(kLookEvery);
    follow_clock();
  }
  ~Deciding() { stop(); }

  /// Belongs to the group while the clock is right: else others decide. To be called often.
  void follow_clock() {
    const auto now = std::chrono::steady_clock::now();
    const auto seen = signal_->time().compare(wall_clock());
    const bool is_off = seen && seen->is_off;
    if (is_off) was_off_at_ = now;
    const auto membership = this->membership();
    if (membership && is_off) {
      const std::string why = event_log::in_words(*seen);
      journal::warning("clock_off", "handing partitions over: " + why).with("reason", why);
      leave();
    }
    // Who came and went at each jitter would disturb the others.
    const bool is_sure = !was_off_at_ || now - *was_off_at_ >= kRightFor;
    if (!membership && seen && !is_off && is_sure) join();
  }

  /// For good.
  void stop() {
    if (const auto tenure = this->tenure()) tenure->begin_to_stop();
    leave();
  }

  /// Hands everything over. Whoever is taking a partition over meanwhile still asks the membership.
  void leave() {
    if (const auto membership = this->membership()) membership->leave();
    held_.release_all();
    told_.clear();
    is_member_by(nullptr);
  }

  /// Nothing but the tools that show the group's lag reads it.
  void tell_progress() {
    std::map<schema::Partition, std::uint64_t> moved = held_.next();
    std::erase_if(moved, [this](const auto& next) {
      const auto told = told_.find(next.first);
      return told != told_.end() && told->second == next.second;
    });
    const auto membership = this->membership();
    if (moved.empty() || !membership || !membership->is_member()) return;
    membership->tell(moved);
    for (const auto& [partition, next] : moved) told_.insert_or_assign(partition, next);
  }

  gateway::Readiness readiness() {
    gateway::Readiness result;
    auto not_ready = [&](std::string why) {
      result.ready = false;
      result.reasons.push_back(std::move(why));
    };
    if (const auto tenure = this->tenure()) {
      if (const auto by = tenure->successor())
        not_ready("the log has been taken over by " + *by + "; this process ends");
      if (const auto trouble = tenure->trouble()) not_ready("the log: " + *trouble);
    }
    const auto clock_trouble = signal_->trouble(wall_clock());
    if (clock_trouble) not_ready("deciding: " + *clock_trouble);
    const auto membership = this->membership();
    if (!membership && !clock_trouble)
      not_ready("the group: is joined once the clock has been right for 5 s");
    if (membership)
      if (auto trouble = membership->trouble()) not_ready(std::move(*trouble));
    if (membership && !membership->is_member())
      not_ready("the group: has not shared partitions out with this process");
    if (const auto status = held_.status(); !status.ready) not_ready("deciding: " + status.reason);
    if (held_.stats().clock_behind_ms > 5000)
      not_ready("deciding: the clock is more than 5 s behind what it or history has shown");
    return result;
  }

  std::optional<std::string> fault() const { return held_.fault(); }
  bool has_successor() const {
    const auto tenure = this->tenure();
    return tenure && tenure->successor();
  }
  const HeldPartitions& held() const { return held_; }
  const event_log::BrokersTime& brokers_time() const { return signal_->time(); }

 private:
  /// Only by a right clock: it may be a service with a right one that has the log, and adopting
  /// writes events.
  void join() {
    if (!tenure()) claim();
    adopt();
    is_member_by(or_throw(event_log::KafkaMembership::join(
        kafka_, kafka_.prefix + "boxoffice-processors", session_timeout_,
        {.assigned =
             [this](const std::vector<schema::Partition>& partitions) {
               tell("partitions_given", "given", partitions);
               held_.hold(partitions);
             },
         .revoked =
             [this](const std::vector<schema::Partition>& partitions) {
               held_.release(partitions);
               tell("partitions_handed_over", "handed over", partitions);
             }})));
  }

  std::shared_ptr<Tenure> tenure() const {
    const std::scoped_lock lock(mutex_);
    return tenure_;
  }

  void claim() {
    auto tenure = std::make_shared<Tenure>(*opened_.log, std::string(kProcessors), vault_.to_log);
    const std::scoped_lock lock(mutex_);
    tenure_ = std::move(tenure);
  }

  std::shared_ptr<event_log::KafkaMembership> membership() const {
    const std::scoped_lock lock(mutex_);
    return membership_;
  }

  void is_member_by(std::shared_ptr<event_log::KafkaMembership> membership) {
    const std::scoped_lock lock(mutex_);
    membership_.swap(membership);
  }

  /// A log that was copied here is a history of its own from now on.
  void adopt() {
    if (std::exchange(is_adopted_, true)) return;
    const auto adopted = processor::adopt_copy(
        *opened_.log, "kafka", wall_clock(),
        [this](schema::Partition partition) { return topic_->source(partition); });
    if (!adopted) throw std::runtime_error(adopted.error());
  }

  HeldPartitions::Makings makings(const Settings& settings) {
    return {.log = *opened_.log,
            .snapshots = side_->snapshots(),
            .decided = side_->decided(),
            .directory = settings.path("data"),
            .deciding = {.key_window = settings.duration("idempotency-window-ms"),
                         .snapshot_interval = settings.duration("snapshot-every-ms")},
            // It may come to hold all of them.
            .keys = processor::share_of({.window = settings.duration("idempotency-window-ms")},
                                        opened_.log->partitions()),
            .commands = [this](schema::Partition partition) { return topic_->source(partition); },
            .may_take_over =
                [this](schema::Partition partition, std::optional<std::uint64_t> next) {
                  return may_take_over(partition, next);
                },
            .clock_trouble = [this](processor::Instant clock) { return signal_->trouble(clock); }};
  }

  std::expected<void, std::string> may_take_over(schema::Partition partition,
                                                 std::optional<std::uint64_t> next) {
    if (auto holds = tenure()->holds(); !holds) return holds;
    const auto membership = this->membership();
    if (!membership) return std::unexpected("the group is being joined");
    if (auto proved = membership->prove(partition, next); !proved)
      return std::unexpected(proved.error().message);
    return {};
  }

  static void tell(std::string_view event, std::string_view what,
                   const std::vector<schema::Partition>& partitions) {
    std::string numbers;
    for (const schema::Partition partition : partitions)
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(partition.value);
    journal::info(event, fmt::format("partitions {}: {}", what, numbers.empty() ? "none" : numbers))
        .with("partitions", partitions);
  }

  OpenedLog opened_;
  OpenedVault vault_;
  event_log::KafkaSettings kafka_;
  std::unique_ptr<event_log::KafkaTimeSignal> signal_;
  std::unique_ptr<event_log::KafkaSideTopics> side_;
  std::unique_ptr<event_log::KafkaCommandTopic> topic_;
  const std::chrono::milliseconds session_timeout_;
  HeldPartitions held_;
  mutable std::mutex mutex_;
  // Null: not before the clock is right. Guarded by mutex_; changed by the first thread alone.
  std::shared_ptr<Tenure> tenure_;
  std::shared_ptr<event_log::KafkaMembership> membership_;
  std::optional<std::chrono::steady_clock::time_point> was_off_at_;  ///< when it was seen last
  std::map<schema::Partition, std::uint64_t> told_;                  ///< by `tell_progress`
  bool is_adopted_ = false;
};

class DecidingMetrics final : public prometheus::Collectable {
 public:
  explicit DecidingMetrics(const Deciding& deciding) : deciding_(deciding) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    auto families = deciding_families(deciding_.held().stats());
    families.push_back(gauge("boxoffice_partitions_held", "Partitions that this process decides.",
                             double(deciding_.held().partitions().size())));
    families.push_back(behind());
    return families;
  }

 private:
  prometheus::MetricFamily behind() const {
    std::map<std::string, double, std::less<>> seconds;
    for (const auto& [partition, behind] : deciding_.held().behind(wall_clock()))
      seconds[std::to_string(partition.value)] = std::chrono::duration<double>(behind).count();
    return labelled(
        "boxoffice_commands_behind_seconds",
        "How long the oldest command without an outcome has waited, or none has come though there "
        "are more, or nobody has decided the partition or told of its commands.",
        prometheus::MetricType::Gauge, "partition", seconds);
  }

  const Deciding& deciding_;
};

int decide(const Settings& settings) {
  Signals signals(false);
  std::optional<EndAtOnce> starting(std::in_place, signals);
  Deciding deciding(settings);
  starting.reset();
  ReadyFile ready_file(settings.optional_text("ready-file"));
  std::optional<StatusPage> page;
  if (settings.given("listen"))
    page.emplace(
        settings, [&] { return deciding.readiness(); },
        std::vector<std::shared_ptr<prometheus::Collectable>>{
            std::make_shared<DecidingMetrics>(deciding), clock_metrics(deciding.brokers_time())});
  if (page) tell_status(page->listen());

  ReadinessLines lines;
  std::optional<std::string> fault;
  while (!signals.wait_for_stop(kLookEvery) && !(fault = deciding.fault()) &&
         !deciding.has_successor()) {
    deciding.follow_clock();
    deciding.tell_progress();
    const gateway::Readiness readiness = deciding.readiness();
    lines.look(readiness);
    ready_file.follow(readiness.ready, page ? page->listen() : "");
  }
  lines.look(deciding.readiness());
  ready_file.remove();
  journal::info("stopping", "stopping: handing partitions over");
  deciding.stop();
  journal::info("stopped", "stopped");
  if (fault) throw std::runtime_error(std::move(*fault));
  return deciding.has_successor() ? kTakenOver : 0;
}

}  // namespace

int run_processor(std::span<const std::string> arguments) {
  if (asks_for_help(arguments)) {
    fmt::print("boxoffice processor: decides commands, one of several processes on Kafka\n\n{}",
               described(processor_settings()));
    return 0;
  }
  const Settings settings(processor_settings(), arguments, settings_of_all_roles());
  begin_logging(settings);
  return decide(settings);
}

}  // namespace boxoffice::app
