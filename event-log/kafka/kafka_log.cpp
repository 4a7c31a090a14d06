#include "event-log/kafka/kafka_log.hpp"

#include "event-log/kafka/cluster.hpp"
#include "event-log/kafka/deployment.hpp"
#include "event-log/kafka/event_at.hpp"
#include "event-log/kafka/kafka_cursor.hpp"
#include "event-log/kafka/kafka_writer.hpp"
#include "event-log/kafka/key_reading.hpp"
#include "event-log/kafka/tail.hpp"
#include "event-log/kafka/topics.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace kafka {
namespace {

class KafkaLog final : public Log {
 public:
  KafkaLog(std::unique_ptr<Cluster> cluster, std::string deployment)
      : cluster_(std::move(cluster)), deployment_(std::move(deployment)) {
    if (cluster_->settings.follows_others) tail_ = std::make_unique<Tail>(*cluster_);
  }

  std::uint16_t partitions() const override { return cluster_->settings.partitions; }
  std::string_view deployment() const override { return deployment_; }

  Result<std::unique_ptr<Writer>> take_over(std::span<const Partition> partitions) override {
    require(!cluster_->settings.only_read, "a log that is only read has no writers");
    for (const Partition partition : partitions) require_known(partition);
    return KafkaWriter::take_over(*cluster_, partitions);
  }

  Sequence end(Partition partition) const override {
    require_known(partition);
    return cluster_->end(partition);
  }

  std::unique_ptr<Cursor> read_after(Position after) override {
    require_known(after.partition);
    return std::make_unique<KafkaCursor>(*cluster_, after);
  }

  Result<std::optional<std::string>> at(Position position) override {
    require_known(position.partition);
    return event_at(*cluster_, position);
  }

  Result<std::optional<std::string>> key(Partition partition, std::string_view name) override {
    require_known(partition);
    return cluster_->key(partition, name);
  }

  Result<void> read_keys(const KeyVisitor& visit) override {
    return kafka::read_keys(*cluster_, visit);
  }

  std::shared_ptr<void> follow(Follower follower) override {
    return cluster_->followers.add(std::move(follower));
  }

  std::chrono::milliseconds end_age() const override {
    return tail_ ? tail_->age() : std::chrono::milliseconds();
  }

 private:
  void require_known(Partition partition) const {
    require(partition.value < partitions(), "a partition is one of the log's");
  }

  const std::unique_ptr<Cluster> cluster_;
  const std::string deployment_;
  std::unique_ptr<Tail> tail_;
};

/// How long leaders may take, where a cluster or its topics are new.
constexpr std::chrono::minutes kNoLeaderYet{1};

/// The settings with nothing left open; the topics are as they say.
Result<KafkaSettings> prepared(KafkaSettings settings) {
  if (settings.only_read) settings.create_topics = false;
  const auto admin = Client::open(settings, Kind::observer);
  if (!admin) return std::unexpected(admin.error());
  const Deadline deadline = within(settings.read_timeout);
  if (settings.only_read) {
    const auto partitions = partitions_of_topics(settings, **admin, deadline);
    if (!partitions) return std::unexpected(partitions.error());
    settings.partitions = *partitions;
    return settings;
  }
  return prepare_topics(std::move(settings), **admin, deadline);
}

Result<std::unique_ptr<Log>> connect(const KafkaSettings& settings) {
  auto cluster = Cluster::connect(settings);
  if (!cluster) return std::unexpected(cluster.error());
  auto deployment = name_of_deployment(**cluster);
  if (!deployment) return std::unexpected(deployment.error());
  std::vector<Partition> all;
  for (std::uint16_t i = 0; i < settings.partitions; ++i) all.push_back({i});
  if (auto found = (*cluster)->find_ends(all, within(kPatience)); !found)
    return std::unexpected(found.error());
  return std::make_unique<KafkaLog>(std::move(*cluster), std::move(*deployment));
}

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<Log>> open_kafka(const KafkaSettings& given) {
  using namespace kafka;
  const auto settings = prepared(given);
  if (!settings) return std::unexpected(settings.error());
  const Deadline patience = settings->only_read ? Clock::now() : within(kNoLeaderYet);
  for (;;) {
    auto log = connect(*settings);
    const bool may_help = !log && log.error().kind == LogErrorKind::unavailable;
    if (!may_help || Clock::now() >= patience) return log;
  }
}

}  // namespace boxoffice::event_log
