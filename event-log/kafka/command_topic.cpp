#include "event-log/kafka/command_topic.hpp"

#include <librdkafka/rdkafka.h>

#include <thread>

#include "event-log/kafka/lane_edges.hpp"
#include "event-log/kafka/topic_admin.hpp"
#include "event-log/kafka/topic_watch.hpp"
#include "event-log/kafka/watched_stream.hpp"

namespace boxoffice::event_log {
namespace kafka {
namespace {

/// What waits for a processor that decides in batches: more than one batch.
constexpr Budget kBudget{.lane_bytes = 8 << 20,
                         .fetch_bytes = 1 << 20,
                         .records_at_once = 256,
                         .fetch_wait = std::chrono::milliseconds(100)};

constexpr std::chrono::milliseconds kAskAgain{50};

/// A broker may not have heard of a new topic yet.
Result<std::string> id_once_known(const Client& client, const std::string& topic,
                                  Deadline deadline) {
  for (;;) {
    auto id = topic_id(client, topic, deadline);
    if (id || Clock::now() + kAskAgain >= deadline) return id;
    std::this_thread::sleep_for(kAskAgain);
  }
}

class KafkaCommandSource final : public CommandSource {
 public:
  KafkaCommandSource(Client& client, WatchedStream::Surroundings surroundings, TopicWatch& watch,
                     std::string_view log, std::string_view id, Partition partition)
      : client_(client),
        watch_(watch),
        log_(log),
        id_(id),
        partition_(partition),
        timeout_(surroundings.settings.read_timeout),
        stream_(surroundings, {kCommandsLane, partition}, bell_) {}

  std::string_view log() const override { return log_; }

  Result<Bounds> bounds(std::chrono::milliseconds patience) override {
    const Deadline deadline = within(std::min(patience, timeout_));
    const auto id = topic_id(client_, client_.topic_name(kCommandsLane), deadline);
    if (!id) return std::unexpected(id.error());
    if (!id->empty() && !id_.empty() && *id != id_) return made_anew(*id);
    const Lane lane{kCommandsLane, partition_};
    const auto begin = edges(client_, std::span(&lane, 1), Edge::begin, deadline);
    const auto end = begin ? edges(client_, std::span(&lane, 1), Edge::end, deadline) : begin;
    if (!end)
      return unavailable("no broker tells where " + client_.topic_name(kCommandsLane) +
                         " ends: " + end.error());
    return Bounds{static_cast<std::uint64_t>((*begin)[0]), static_cast<std::uint64_t>((*end)[0])};
  }

  Result<void> seek(std::uint64_t offset) override {
    records_.clear();
    views_.clear();
    return stream_.open(static_cast<std::int64_t>(offset));
  }

  Result<std::span<const CommandRecord>> read(std::size_t records_max) override {
    records_.clear();
    views_.clear();
    if (const auto other = watch_.other_id()) return made_anew(*other);
    while (records_.size() < records_max && stream_.head() != nullptr)
      records_.push_back(stream_.take());
    for (const Record& record : records_)
      views_.push_back({static_cast<std::uint64_t>(record.offset()), record.value()});
    if (records_.empty() && stream_.error()) return std::unexpected(*stream_.error());
    stream_.looked();
    // librdkafka rings for the first record of a queue, and there may be more behind these.
    if (records_.size() == records_max) bell_.ring();
    return std::span<const CommandRecord>(views_);
  }

  void wait(std::chrono::steady_clock::time_point until) override { bell_.wait(until); }

  void interrupt() override { bell_.ring(); }

  std::chrono::milliseconds behind() const override { return stream_.behind(); }
  std::optional<std::string> trouble() const override { return stream_.trouble(); }

 private:
  std::unexpected<LogError> made_anew(const std::string& id) const {
    return corrupt("the topic " + client_.topic_name(kCommandsLane) + " was made anew: it has " +
                   id + " as its id, and had " + id_);
  }

  Client& client_;
  TopicWatch& watch_;
  const std::string log_;
  const std::string id_;
  const Partition partition_;
  const std::chrono::milliseconds timeout_;
  Bell bell_;
  WatchedStream stream_;  // after the bell that it rings
  std::vector<Record> records_;
  std::vector<CommandRecord> views_;
};

}  // namespace
}  // namespace kafka

struct KafkaCommandTopic::Impl {
  Impl(KafkaSettings given, std::chrono::milliseconds after)
      : settings(std::move(given)),
        opens_again_after(after),
        readers(settings, kafka::kBudget, {{"auto.offset.reset", "error"}}) {}

  const KafkaSettings settings;
  const std::chrono::milliseconds opens_again_after;
  std::unique_ptr<kafka::Client> client;
  kafka::Readers readers;
  std::string log;
  std::string id;
  // After the client that they ask by.
  std::optional<kafka::TopicWatch> watch;
  std::optional<kafka::Lookout> lookout;
};

Result<std::unique_ptr<KafkaCommandTopic>> KafkaCommandTopic::open(
    const KafkaSettings& settings, std::chrono::milliseconds opens_again_after) {
  using namespace kafka;
  const Deadline deadline = within(settings.read_timeout);
  auto impl = std::make_unique<Impl>(settings, opens_again_after);
  auto client = Client::open(settings, Kind::observer);
  if (!client) return std::unexpected(client.error());
  impl->client = std::move(*client);
  if (auto known = impl->client->know(topic_names(settings.prefix), deadline); !known)
    return std::unexpected(known.error());
  const auto cluster = impl->client->cluster_id(deadline);
  if (!cluster) return std::unexpected(cluster.error());
  const std::string& name = impl->client->topic_name(kCommandsLane);
  auto id = id_once_known(*impl->client, name, deadline);
  if (!id) return std::unexpected(id.error());
  impl->id = std::move(*id);
  impl->log = *cluster + "/" + name;
  if (!impl->id.empty()) impl->log += "/" + impl->id;
  // The first one; it is kept for whoever reads.
  if (auto reader = impl->readers.lend({}, deadline); !reader)
    return std::unexpected(reader.error());
  impl->watch.emplace(*impl->client, name, impl->id);
  impl->lookout.emplace(*impl->client, "commands-ends");
  return std::unique_ptr<KafkaCommandTopic>(new KafkaCommandTopic(std::move(impl)));
}

KafkaCommandTopic::KafkaCommandTopic(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaCommandTopic::~KafkaCommandTopic() = default;

std::unique_ptr<CommandSource> KafkaCommandTopic::source(Partition partition) {
  const kafka::WatchedStream::Surroundings surroundings{impl_->settings, impl_->readers,
                                                        *impl_->lookout, impl_->opens_again_after};
  return std::make_unique<kafka::KafkaCommandSource>(*impl_->client, surroundings, *impl_->watch,
                                                     impl_->log, impl_->id, partition);
}

}  // namespace boxoffice::event_log
