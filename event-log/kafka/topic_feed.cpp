#include "event-log/kafka/topic_feed.hpp"

#include <pthread.h>

#include <algorithm>
#include <thread>

#include "event-log/kafka/cluster.hpp"
#include "event-log/kafka/deployment.hpp"
#include "event-log/kafka/ends_watch.hpp"
#include "event-log/kafka/probe.hpp"
#include "event-log/kafka/topics.hpp"

namespace boxoffice::event_log {
namespace kafka {
namespace {

std::vector<Partition> all_of(std::uint16_t partitions) {
  std::vector<Partition> all;
  for (std::uint16_t i = 0; i < partitions; ++i) all.push_back({i});
  return all;
}

std::vector<Lane> lanes_of(Topic topic, std::uint16_t partitions) {
  std::vector<Lane> lanes;
  for (const Partition partition : all_of(partitions))
    lanes.push_back({static_cast<std::size_t>(topic), partition});
  return lanes;
}

class KafkaTopicFeed final : public TopicFeed {
 public:
  KafkaTopicFeed(std::unique_ptr<Cluster> cluster, std::string deployment,
                 std::shared_ptr<Reader> reader, Topic topic, OnEvent on_event)
      : cluster_(std::move(cluster)),
        deployment_(std::move(deployment)),
        reader_(std::move(reader)),
        topic_(topic),
        on_event_(std::move(on_event)),
        watch_(cluster_->ends, lanes_of(topic, partitions())) {}
  ~KafkaTopicFeed() override {
    stopping_ = true;
    bell_.ring();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> start() {
    next_.assign(partitions(), 0);
    if (auto opened = open(); !opened) return opened;
    thread_ = std::thread([this] { run(); });
    return {};
  }

  std::uint16_t partitions() const override { return cluster_->settings.partitions; }
  std::string_view deployment() const override { return deployment_; }
  bool ready() const override { return watch_.was_current(); }
  std::chrono::milliseconds age() const override { return watch_.age(); }
  std::optional<LogError> trouble() const override {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }

 private:
  void run() {
    pthread_setname_np(pthread_self(), "topic-feed");
    while (!stopping_) {
      if (const auto opened = open(); !opened) {
        tell(opened.error());
        bell_.wait(within(kOpenAgain));
        continue;
      }
      bool has_come = false;
      for (std::size_t i = 0; i < streams_.size(); ++i) has_come = hand_over(i) || has_come;
      if (const auto error = first_error()) {
        tell(*error);
        close();
        bell_.wait(within(kOpenAgain));
        continue;
      }
      if (!is_damaged_ && std::ranges::all_of(streams_, &Stream::was_heard_of)) tell(std::nullopt);
      watch_.look([this](std::size_t i, std::int64_t offset) {
        return streams_[i].next_offset() >= offset;
      });
      if (!has_come) bell_.wait(within(kQuiet));
    }
  }

  /// From where it was left.
  Result<void> open() {
    if (!streams_.empty()) return {};
    for (const Lane lane : lanes_of(topic_, partitions())) {
      auto stream = Stream::open(*reader_, lane, next_[lane.partition.value], bell_);
      if (!stream) {
        streams_.clear();
        return std::unexpected(stream.error());
      }
      streams_.push_back(std::move(*stream));
    }
    return {};
  }

  void close() {
    for (std::size_t i = 0; i < streams_.size(); ++i) next_[i] = streams_[i].next_offset();
    streams_.clear();
  }

  std::optional<LogError> first_error() const {
    for (const Stream& stream : streams_)
      if (stream.error()) return stream.error();
    return std::nullopt;
  }

  bool hand_over(std::size_t index) {
    Stream& stream = streams_[index];
    bool has_come = false;
    const Lane lane{static_cast<std::size_t>(topic_), {static_cast<std::uint16_t>(index)}};
    for (int records = 0; records < kAtOnce && stream.head() != nullptr; ++records) {
      const auto sequence = sequence_of(*stream.head(), lane, cluster_->topics[lane.number]);
      if (!sequence) {
        is_damaged_ = true;
        tell(sequence.error());
        return has_come;  // what comes after it would be taken for all there is
      }
      bytes_.assign(stream.head()->value());
      const std::size_t size = bytes_.size();
      bytes_.append(schema::kPadding, '\0');
      on_event_({.topic = topic_,
                 .position = {lane.partition, *sequence},
                 .value = std::string_view(bytes_).substr(0, size)});
      (void)stream.take();
      has_come = true;
    }
    return has_come;
  }

  void tell(std::optional<LogError> trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
  }

  static constexpr int kAtOnce = 1'000;
  static constexpr std::chrono::milliseconds kOpenAgain{200};

  const std::unique_ptr<Cluster> cluster_;
  const std::string deployment_;
  const std::shared_ptr<Reader> reader_;
  const Topic topic_;
  const OnEvent on_event_;
  std::vector<std::int64_t> next_;  // by partition; while no stream is open
  bool is_damaged_ = false;         // what was met stays there
  Bell bell_;
  std::vector<Stream> streams_;  // by partition; before the bell and the reader go
  EndsWatch watch_;
  std::string bytes_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::optional<LogError> trouble_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<TopicFeed>> follow_topic_on_kafka(const KafkaSettings& given, Topic topic,
                                                         OnEvent on_event) {
  using namespace kafka;
  KafkaSettings settings = given;
  settings.only_read = true;
  settings.made_by_others = true;
  settings.create_topics = false;
  const auto admin = Client::open(settings, Kind::observer);
  if (!admin) return std::unexpected(admin.error());
  const auto found = partitions_of_topics(settings, **admin, within(settings.read_timeout));
  if (!found) return std::unexpected(found.error());
  settings.partitions = *found;
  auto cluster = Cluster::connect(settings);
  if (!cluster) return std::unexpected(cluster.error());
  auto deployment = name_of_deployment(**cluster);
  if (!deployment) return std::unexpected(deployment.error());
  auto reader = (*cluster)->readers.lend(all_of(settings.partitions));
  if (!reader) return std::unexpected(reader.error());
  auto feed = std::make_unique<KafkaTopicFeed>(std::move(*cluster), std::move(*deployment),
                                               std::move(*reader), topic, std::move(on_event));
  if (auto started = feed->start(); !started) return std::unexpected(started.error());
  return feed;
}

}  // namespace boxoffice::event_log
