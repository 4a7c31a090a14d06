#include "app/processor/processor_role.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <map>
#include <utility>

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

namespace boxoffice::app {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};

/// All that decides. Members stand in the order in which they depend on each other.
class Deciding {
 public:
  explicit Deciding(const Settings& settings)
      : opened_(open_log_on_kafka(settings)),
        vault_(open_vault(settings, opened_)),
        kafka_(kafka_beside(*opened_.log, settings)),
        side_(or_throw(event_log::KafkaSideTopics::open(kafka_))),
        topic_(or_throw(event_log::KafkaCommandTopic::open(kafka_))),
        tenure_(*opened_.log, std::string(kProcessors), vault_.to_log),
        held_(makings(settings)) {
    adopt();
    membership_ = or_throw(event_log::KafkaMembership::join(
        kafka_, kafka_.prefix + "boxoffice-processors", settings.duration("session-timeout-ms"),
        {.assigned =
             [this](const std::vector<schema::Partition>& partitions) {
               tell("given", partitions);
               held_.hold(partitions);
             },
         .revoked =
             [this](const std::vector<schema::Partition>& partitions) {
               held_.release(partitions);
               tell("handed over", partitions);
             }}));
    asked_ = membership_.get();
  }

  /// Hands everything over. Whoever is taking a partition over meanwhile still asks the membership.
  void leave() {
    tenure_.begin_to_stop();
    membership_->leave();
    held_.release_all();
  }

  /// Nothing but the tools that show the group's lag reads it.
  void tell_progress() {
    std::map<schema::Partition, std::uint64_t> moved = held_.next();
    std::erase_if(moved, [this](const auto& next) {
      const auto told = told_.find(next.first);
      return told != told_.end() && told->second == next.second;
    });
    if (moved.empty() || !membership_->is_member()) return;
    membership_->tell(moved);
    for (const auto& [partition, next] : moved) told_.insert_or_assign(partition, next);
  }

  gateway::Readiness readiness() {
    gateway::Readiness result;
    auto not_ready = [&](std::string why) {
      result.ready = false;
      result.reasons.push_back(std::move(why));
    };
    if (const auto by = tenure_.successor())
      not_ready("the log has been taken over by " + *by + "; this process ends");
    if (const auto trouble = tenure_.trouble()) not_ready("the log: " + *trouble);
    if (auto trouble = membership_->trouble()) not_ready(std::move(*trouble));
    if (!membership_->is_member())
      not_ready("the group: has not shared partitions out with this process");
    if (const auto status = held_.status(); !status.ready) not_ready("deciding: " + status.reason);
    if (held_.stats().clock_behind_ms > 5000)
      not_ready("deciding: the clock is more than 5 s behind what it has shown");
    return result;
  }

  std::optional<std::string> fault() const { return held_.fault(); }
  bool has_successor() const { return tenure_.successor().has_value(); }
  const HeldPartitions& held() const { return held_; }

 private:
  /// A log that was copied here is a history of its own from now on.
  void adopt() {
    const auto adopted = processor::adopt_copy(*opened_.log, "kafka", wall_clock());
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
                }};
  }

  std::expected<void, std::string> may_take_over(schema::Partition partition,
                                                 std::optional<std::uint64_t> next) {
    if (auto holds = tenure_.holds(); !holds) return holds;
    const event_log::KafkaMembership* membership = asked_;
    if (membership == nullptr) return std::unexpected("the group is being joined");
    if (auto proved = membership->prove(partition, next); !proved)
      return std::unexpected(proved.error().message);
    return {};
  }

  static void tell(std::string_view what, const std::vector<schema::Partition>& partitions) {
    std::string numbers;
    for (const schema::Partition partition : partitions)
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(partition.value);
    spdlog::info("partitions {}: {}", what, numbers.empty() ? "none" : numbers);
  }

  OpenedLog opened_;
  OpenedVault vault_;
  event_log::KafkaSettings kafka_;
  std::unique_ptr<event_log::KafkaSideTopics> side_;
  std::unique_ptr<event_log::KafkaCommandTopic> topic_;
  Tenure tenure_;
  HeldPartitions held_;
  std::unique_ptr<event_log::KafkaMembership> membership_;
  std::atomic<const event_log::KafkaMembership*> asked_{nullptr};  ///< by who takes over
  std::map<schema::Partition, std::uint64_t> told_;                ///< by `tell_progress`
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
    return labelled("boxoffice_commands_behind_seconds",
                    "How long ago the oldest command without an outcome was received.",
                    prometheus::MetricType::Gauge, "partition", seconds);
  }

  const Deciding& deciding_;
};

int decide(const Settings& settings) {
  Signals signals(false);
  Deciding deciding(settings);
  ReadyFile ready_file(settings.optional_text("ready-file"));
  std::optional<StatusPage> page;
  if (settings.given("listen"))
    page.emplace(
        settings, [&] { return deciding.readiness(); },
        std::vector<std::shared_ptr<prometheus::Collectable>>{
            std::make_shared<DecidingMetrics>(deciding)});
  if (page) spdlog::info("status at http://{}", page->listen());

  ReadinessLines lines;
  std::optional<std::string> fault;
  while (!signals.wait_for_stop(kLookEvery) && !(fault = deciding.fault()) &&
         !deciding.has_successor()) {
    deciding.tell_progress();
    const gateway::Readiness readiness = deciding.readiness();
    lines.look(readiness);
    ready_file.follow(readiness.ready, page ? page->listen() : "");
  }
  lines.look(deciding.readiness());
  ready_file.remove();
  spdlog::info("stopping: handing partitions over");
  deciding.leave();
  spdlog::info("stopped");
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
