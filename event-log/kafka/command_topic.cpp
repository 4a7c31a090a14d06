#include "event-log/kafka/command_topic.hpp"

#include <librdkafka/rdkafka.h>

#include "event-log/kafka/lane_edges.hpp"
#include "event-log/kafka/reader.hpp"

namespace boxoffice::event_log {
namespace kafka {
namespace {

/// What waits for a processor that decides in batches: more than one batch.
constexpr Budget kBudget{.lane_bytes = 8 << 20,
                         .fetch_bytes = 1 << 20,
                         .records_at_once = 256,
                         .fetch_wait = std::chrono::milliseconds(100)};

class KafkaCommandSource final : public CommandSource {
 public:
  KafkaCommandSource(Client& client, Reader& reader, std::string_view log, Partition partition,
                     std::chrono::milliseconds timeout)
      : client_(client), reader_(reader), log_(log), partition_(partition), timeout_(timeout) {}

  std::string_view log() const override { return log_; }

  Result<Bounds> bounds() override {
    const Deadline deadline = within(timeout_);
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
    stream_.reset();
    auto stream = Stream::open(reader_, {kCommandsLane, partition_},
                               static_cast<std::int64_t>(offset), bell_);
    if (!stream) return std::unexpected(stream.error());
    stream_ = std::make_unique<Stream>(std::move(*stream));
    return {};
  }

  Result<std::span<const CommandRecord>> read(std::size_t records_max) override {
    records_.clear();
    views_.clear();
    while (records_.size() < records_max && stream_->head() != nullptr)
      records_.push_back(stream_->take());
    for (const Record& record : records_)
      views_.push_back({static_cast<std::uint64_t>(record.offset()), record.value()});
    if (records_.empty() && stream_->error()) return std::unexpected(*stream_->error());
    // librdkafka rings for the first record of a queue, and there may be more behind these.
    if (records_.size() == records_max) bell_.ring();
    return std::span<const CommandRecord>(views_);
  }

  void wait(std::chrono::steady_clock::time_point until) override { bell_.wait(until); }

  void interrupt() override { bell_.ring(); }

 private:
  Client& client_;
  Reader& reader_;
  const std::string log_;
  const Partition partition_;
  const std::chrono::milliseconds timeout_;
  Bell bell_;
  std::unique_ptr<Stream> stream_;  // after the bell that it rings
  std::vector<Record> records_;
  std::vector<CommandRecord> views_;
};

}  // namespace
}  // namespace kafka

struct KafkaCommandTopic::Impl {
  std::unique_ptr<kafka::Client> client;
  std::unique_ptr<kafka::Reader> reader;
  std::string log;
  std::chrono::milliseconds timeout;
};

Result<std::unique_ptr<KafkaCommandTopic>> KafkaCommandTopic::open(const KafkaSettings& settings) {
  using namespace kafka;
  const Deadline deadline = within(settings.read_timeout);
  auto client = Client::open(settings, Kind::observer);
  if (!client) return std::unexpected(client.error());
  if (auto known = (*client)->know(topic_names(settings.prefix), deadline); !known)
    return std::unexpected(known.error());
  const auto cluster = (*client)->cluster_id(deadline);
  if (!cluster) return std::unexpected(cluster.error());
  auto reader = Reader::open(settings, kBudget, deadline);
  if (!reader) return std::unexpected(reader.error());
  std::string log = *cluster + "/" + (*client)->topic_name(kCommandsLane);
  return std::unique_ptr<KafkaCommandTopic>(new KafkaCommandTopic(std::make_unique<Impl>(
      Impl{std::move(*client), std::move(*reader), std::move(log), settings.read_timeout})));
}

KafkaCommandTopic::KafkaCommandTopic(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaCommandTopic::~KafkaCommandTopic() = default;

std::unique_ptr<CommandSource> KafkaCommandTopic::source(Partition partition) {
  return std::make_unique<kafka::KafkaCommandSource>(*impl_->client, *impl_->reader, impl_->log,
                                                     partition, impl_->timeout);
}

}  // namespace boxoffice::event_log
