#include "event-log/kafka/ends.hpp"

#include <librdkafka/rdkafka.h>

#include <thread>

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kMarkersSoon{1};
constexpr std::chrono::milliseconds kMarkersLate{10};
constexpr std::chrono::milliseconds kRetry{50};

struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt; ++i)
    if (list.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list.elems[i].err;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

Result<std::vector<std::int64_t>> Ends::ask(const Client& client, std::span<const Lane> lanes,
                                            Deadline deadline) {
  for (;;) {
    const List list(rd_kafka_topic_partition_list_new(static_cast<int>(lanes.size())));
    // As a time, the end stands for "behind all".
    for (const Lane& lane : lanes)
      rd_kafka_topic_partition_list_add(list.get(), client.topic_name(lane.number).c_str(),
                                        lane.partition.value)
          ->offset = RD_KAFKA_OFFSET_END;
    auto error = rd_kafka_offsets_for_times(client.get(), list.get(), milliseconds_until(deadline));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = first_error(*list);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::vector<std::int64_t> offsets;
      for (const Lane& lane : lanes)
        offsets.push_back(rd_kafka_topic_partition_list_find(list.get(),
                                                             client.topic_name(lane.number).c_str(),
                                                             lane.partition.value)
                              ->offset);
      return offsets;
    }
    if (Clock::now() + kRetry >= deadline)
      return unavailable(std::string("no broker tells where the topics end: ") +
                         rd_kafka_err2str(error));
    std::this_thread::sleep_for(kRetry);
  }
}

Result<SettledEnds> Ends::settled(std::span<const Lane> lanes, Deadline patience,
                                  Deadline deadline) const {
  const auto written = ask(observer_, lanes, deadline);
  if (!written) return std::unexpected(written.error());
  auto pause = kMarkersSoon;
  for (;;) {
    auto committed = ask(reader_, lanes, deadline);
    if (!committed) return std::unexpected(committed.error());
    SettledEnds ends{.offsets = *written};
    for (std::size_t i = 0; i < lanes.size(); ++i)
      if ((*committed)[i] < ends.offsets[i]) {
        ends.offsets[i] = (*committed)[i];
        ends.is_pending = true;
      }
    if (!ends.is_pending || Clock::now() >= patience) return ends;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kMarkersLate);
  }
}

}  // namespace boxoffice::event_log::kafka
