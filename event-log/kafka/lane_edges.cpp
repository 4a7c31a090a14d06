#include "event-log/kafka/lane_edges.hpp"

#include <librdkafka/rdkafka.h>

#include <thread>

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kRetry{50};

using List = Handle<rd_kafka_topic_partition_list_t>;

rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt; ++i)
    if (list.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list.elems[i].err;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::expected<std::vector<std::int64_t>, std::string> ask(const Client& client,
                                                          std::span<const Lane> lanes, Edge edge,
                                                          Deadline deadline) {
  const List list(rd_kafka_topic_partition_list_new(static_cast<int>(lanes.size())));
  // As times, these stand for "before all" and "behind all".
  const std::int64_t time = edge == Edge::begin ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
  for (const Lane& lane : lanes)
    rd_kafka_topic_partition_list_add(list.get(), client.topic_name(lane.number).c_str(),
                                      lane.partition.value)
        ->offset = time;
  auto error = rd_kafka_offsets_for_times(client.get(), list.get(), milliseconds_until(deadline));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = first_error(*list);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_kafka_err2str(error));
  std::vector<std::int64_t> offsets;
  for (const Lane& lane : lanes)
    offsets.push_back(rd_kafka_topic_partition_list_find(
                          list.get(), client.topic_name(lane.number).c_str(), lane.partition.value)
                          ->offset);
  return offsets;
}

}  // namespace

std::expected<std::vector<std::int64_t>, std::string> edges(const Client& client,
                                                            std::span<const Lane> lanes, Edge edge,
                                                            Deadline deadline) {
  for (;;) {
    auto offsets = ask(client, lanes, edge, deadline);
    if (offsets || Clock::now() + kRetry >= deadline) return offsets;
    std::this_thread::sleep_for(kRetry);
  }
}

}  // namespace boxoffice::event_log::kafka
