#include "event-log/kafka/membership.hpp"

#include <librdkafka/rdkafka.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "event-log/kafka/client.hpp"
#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log {

using namespace kafka;

namespace {

constexpr std::chrono::milliseconds kPoll{100};
/// Where no broker hears it, it is not worth more of what the others wait for the session to end.
constexpr std::chrono::milliseconds kGoodBye{5'000};

using List = Handle<rd_kafka_topic_partition_list_t>;
using Queue = Handle<rd_kafka_queue_t>;

std::vector<Partition> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<Partition> partitions;
  for (int i = 0; i < list.cnt; ++i)
    partitions.push_back({static_cast<std::uint16_t>(list.elems[i].partition)});
  return partitions;
}

/// What librdkafka's statistics say of a member that has its part and hears of its coordinator.
constexpr std::string_view kStateUp = R"("cgrp": { "state": "up", )";
constexpr std::string_view kSteady = R"("join_state": "steady")";
constexpr std::string_view kStatisticsMs = "1000";

/// As librdkafka's default; it wants no less than the session's time-out.
constexpr std::chrono::milliseconds kPollsWithin{300'000};

/// Of a commit of one partition's offset.
rd_kafka_resp_err_t error_of(rd_kafka_event_t* event) {
  if (const auto error = rd_kafka_event_error(event); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error;
  const auto* list = rd_kafka_event_topic_partition_list(event);
  return list != nullptr && list->cnt > 0 ? list->elems[0].err : RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

struct KafkaMembership::Impl {
  Calls calls;
  std::string topic;
  std::chrono::milliseconds timeout;
  std::unique_ptr<Client> client;
  std::atomic<bool> stopping{false};
  std::thread thread;

  static void rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                        rd_kafka_topic_partition_list_t* list, void* opaque);
  static int look(rd_kafka_t* client, char* statistics, std::size_t size, void* opaque);
  void poll();
  void close();
  void is_in_trouble(std::string what);
  void is_well();
  void is_cut_off();
  /// Of one partition, or of many.
  List offsets_of(const std::map<Partition, std::uint64_t>& next) const;
  Result<std::uint64_t> told_last(Partition partition) const;

  mutable std::mutex mutex;
  std::optional<std::string> trouble;  // guarded by mutex
  bool is_member = false;              // guarded by mutex
};

void KafkaMembership::Impl::rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                                      rd_kafka_topic_partition_list_t* list, void*) {
  Impl& self = *static_cast<Impl*>(Client::opaque_of(client));
  Handle<rd_kafka_error_t> error;
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    // Nothing is read through the group.
    for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = RD_KAFKA_OFFSET_END;
    error.reset(rd_kafka_incremental_assign(client, list));
    rd_kafka_pause_partitions(client, list);
    self.calls.assigned(partitions_of(*list));
    self.is_well();
  } else {
    if (rd_kafka_assignment_lost(client) != 0) self.is_cut_off();
    self.calls.revoked(partitions_of(*list));
    error.reset(rd_kafka_incremental_unassign(client, list));
  }
  if (error) self.is_in_trouble(rd_kafka_error_string(error.get()));
}

/// Errors are told once, and nothing tells that they are over; so this is asked for.
int KafkaMembership::Impl::look(rd_kafka_t* client, char* statistics, std::size_t size, void*) {
  const std::string_view text(statistics, size);
  const auto group = text.find(kStateUp);
  if (group != std::string_view::npos && text.find(kSteady, group) != std::string_view::npos)
    static_cast<Impl*>(Client::opaque_of(client))->is_well();
  return 0;
}

void KafkaMembership::Impl::is_in_trouble(std::string what) {
  const std::lock_guard lock(mutex);
  trouble = "the group: " + std::move(what);
}

void KafkaMembership::Impl::is_well() {
  const std::lock_guard lock(mutex);
  trouble.reset();
  is_member = true;
}

void KafkaMembership::Impl::is_cut_off() {
  const std::lock_guard lock(mutex);
  is_member = false;
}

void KafkaMembership::Impl::poll() {
  pthread_setname_np(pthread_self(), "membership");
  while (!stopping) {
    const Handle<rd_kafka_message_t> told(
        rd_kafka_consumer_poll(client->get(), static_cast<int>(kPoll.count())));
    // Nothing is read, so whatever is told is an error.
    if (told && told->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      is_in_trouble(rd_kafka_message_errstr(told.get()));
  }
  close();
}

/// Says good-bye, so that the others need not wait for the session to end. Where no broker answers
/// they will, but nobody here: it is not said twice (see `Destroy`).
void KafkaMembership::Impl::close() {
  const Handle<rd_kafka_queue_t> closing(rd_kafka_queue_new(client->get()));
  const Handle<rd_kafka_error_t> error(rd_kafka_consumer_close_queue(client->get(), closing.get()));
  // Waits are counted, not time: partitions are handed over in between, for as long as that takes.
  for (auto waits = std::min(timeout, kGoodBye) / kPoll;
       !error && rd_kafka_consumer_closed(client->get()) == 0 && waits > 0; --waits)
    rd_kafka_queue_poll_callback(closing.get(), static_cast<int>(kPoll.count()));
}

Result<std::unique_ptr<KafkaMembership>> KafkaMembership::join(
    const KafkaSettings& settings, const std::string& group,
    std::chrono::milliseconds session_timeout, Calls calls) {
  auto impl = std::make_unique<Impl>();
  auto client = Client::open(
      settings, Kind::member,
      {{"group.id", group},
       {"partition.assignment.strategy", "cooperative-sticky"},
       {"session.timeout.ms", std::to_string(session_timeout.count())},
       {"max.poll.interval.ms", std::to_string(std::max(session_timeout, kPollsWithin).count())},
       {"statistics.interval.ms", std::string(kStatisticsMs)}},
      [](void* conf, void*) {
        rd_kafka_conf_set_rebalance_cb(static_cast<rd_kafka_conf_t*>(conf), Impl::rebalance);
        rd_kafka_conf_set_stats_cb(static_cast<rd_kafka_conf_t*>(conf), Impl::look);
      },
      impl.get());
  if (!client) return std::unexpected(client.error());
  impl->calls = std::move(calls);
  impl->topic = topic_names(settings.prefix)[kCommandsLane];
  impl->timeout = settings.read_timeout;
  impl->client = std::move(*client);
  rd_kafka_poll_set_consumer(impl->client->get());
  const List topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), impl->topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(impl->client->get(), topics.get());
      error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable("the group " + group + " cannot be joined: " + rd_kafka_err2str(error));
  impl->thread = std::thread([raw = impl.get()] { raw->poll(); });
  return std::unique_ptr<KafkaMembership>(new KafkaMembership(std::move(impl)));
}

KafkaMembership::KafkaMembership(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

KafkaMembership::~KafkaMembership() { leave(); }

void KafkaMembership::leave() {
  impl_->stopping = true;
  if (impl_->thread.joinable()) impl_->thread.join();
}

List KafkaMembership::Impl::offsets_of(const std::map<Partition, std::uint64_t>& next) const {
  List offsets(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  for (const auto& [partition, offset] : next)
    rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), partition.value)->offset =
        static_cast<std::int64_t>(offset);
  return offsets;
}

Result<std::uint64_t> KafkaMembership::Impl::told_last(Partition partition) const {
  const List offsets = offsets_of({{partition, 0}});
  const auto error =
      rd_kafka_committed(client->get(), offsets.get(), static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable(std::string("the group cannot be asked: ") + rd_kafka_err2str(error));
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, offsets->elems[0].offset));
}

Result<void> KafkaMembership::prove(Partition partition, std::optional<std::uint64_t> next) const {
  const auto told = next ? Result<std::uint64_t>(*next) : impl_->told_last(partition);
  if (!told) return std::unexpected(told.error());
  rd_kafka_t* client = impl_->client->get();
  const List offsets = impl_->offsets_of({{partition, *told}});
  const Queue queue(rd_kafka_queue_new(client));
  auto error = rd_kafka_commit_queue(client, offsets.get(), queue.get(), nullptr, nullptr);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_event_t* event =
        rd_kafka_queue_poll(queue.get(), static_cast<int>(impl_->timeout.count()));
    error = event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : error_of(event);
    if (event != nullptr) rd_kafka_event_destroy(event);
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return unavailable("the group does not take this process for the owner of partition " +
                     std::to_string(partition.value) + ": " + rd_kafka_err2str(error));
}

void KafkaMembership::tell(const std::map<Partition, std::uint64_t>& next) const {
  const List offsets = impl_->offsets_of(next);
  (void)rd_kafka_commit(impl_->client->get(), offsets.get(), /*async=*/1);
}

bool KafkaMembership::is_member() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->is_member;
}

std::optional<std::string> KafkaMembership::trouble() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->trouble;
}

}  // namespace boxoffice::event_log
