// Deletes all snapshots and decided keys of a deployment on Kafka, as if there had been none:
// what taking over from them is compared with.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "event-log/kafka/side_topics.hpp"

int main(int count, char** arguments) {
  using namespace boxoffice::event_log;
  if (count != 3) {
    std::fputs("usage: boxoffice_forget_what_travels BROKERS PARTITIONS\n", stderr);
    return 2;
  }
  const auto partitions = static_cast<std::uint16_t>(std::atoi(arguments[2]));
  const auto topics =
      KafkaSideTopics::open({.bootstrap_servers = arguments[1], .partitions = partitions});
  if (!topics) {
    std::fprintf(stderr, "%s\n", topics.error().message.c_str());
    return 1;
  }
  for (std::uint16_t i = 0; i < partitions; ++i)
    for (SideTopic* topic : {&(*topics)->snapshots(), &(*topics)->decided()}) {
      const auto range = topic->range({i});
      if (!range || !topic->trim({i}, range->end)) return 1;
    }
  return 0;
}
