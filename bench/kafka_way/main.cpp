// Commands through Kafka, with so many under way at any time: through librdkafka alone (`raw`), or
// through the ports of event-log (`adapter`). Prints one line of JSON.
//
//     boxoffice_kafka_way raw|adapter BROKERS OUTSTANDING SECONDS

#include <fmt/format.h>

#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>

#include "bench/cpu_spent.hpp"
#include "bench/kafka_way/way.hpp"
#include "bench/load/histogram.hpp"

namespace boxoffice::bench {

event_log::KafkaSettings topics(const std::string& brokers, const std::string& prefix) {
  return {.bootstrap_servers = brokers, .prefix = prefix, .partitions = 1, .create_topics = true};
}

std::string command_of(std::uint64_t number) {
  std::string command = std::to_string(number);
  command.resize(kCommandBytes, ' ');
  return command;
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kWarmUp{3};

/// As many under way as may be: who is replied to comes again, with the same number.
class Clients {
 public:
  explicit Clients(std::size_t outstanding) : posted_at_(outstanding) {}

  void replied(std::uint64_t number) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    if (is_measured_) latency_.record(now - posted_at_.at(number));
    free_.push_back(number);
    has_room_.notify_one();
  }

  void run(Way& way, Clock::duration time) {
    for (std::size_t i = 0; i < posted_at_.size(); ++i) free_.push_back(i);
    const auto end = Clock::now() + time;
    Numbers next;
    while (Clock::now() < end) {
      {
        std::unique_lock lock(mutex_);
        has_room_.wait_until(lock, end, [this] { return !free_.empty(); });
        next.swap(free_);
        for (const std::uint64_t number : next) posted_at_[number] = Clock::now();
      }
      for (const std::uint64_t number : next) way.post(number);
      next.clear();
    }
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return free_.size() == posted_at_.size(); });
    free_.clear();
  }

  void measure() {
    const std::lock_guard lock(mutex_);
    is_measured_ = true;
  }
  const Histogram& latency() const { return latency_; }

 private:
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::vector<Clock::time_point> posted_at_;  // by number
  Numbers free_;
  bool is_measured_ = false;
  Histogram latency_;
};

int measure(const std::string& which, const std::string& brokers, std::size_t outstanding,
            int seconds) {
  Clients clients(outstanding);
  const auto made = which == "raw" ? raw : adapter;
  const auto way = made(topics(brokers, "bench-" + which + "-"),
                        [&](std::uint64_t number) { clients.replied(number); });
  clients.run(*way, kWarmUp);
  clients.measure();
  const auto begun = Clock::now();
  const double cpu_before = cpu_spent();
  const std::uint64_t transactions_before = way->transactions();
  clients.run(*way, std::chrono::seconds(seconds));
  const std::chrono::duration<double> took = Clock::now() - begun;
  const Histogram& latency = clients.latency();
  const auto count = static_cast<double>(latency.count());
  const auto ms = [&](double part) {
    return static_cast<double>(latency.quantile(part).count()) / 1e6;
  };
  fmt::print(
      R"({{"rate":{:.1f},"p50_ms":{:.2f},"p99_ms":{:.2f},"cpu_us":{:.2f},"commands_a_transaction":{:.1f}}})"
      "\n",
      count / took.count(), ms(0.5), ms(0.99), (cpu_spent() - cpu_before) * 1e6 / count,
      count / static_cast<double>(way->transactions() - transactions_before));
  return 0;
}

}  // namespace
}  // namespace boxoffice::bench

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::fputs("usage: boxoffice_kafka_way raw|adapter BROKERS OUTSTANDING SECONDS\n", stderr);
    return 2;
  }
  return boxoffice::bench::measure(argv[1], argv[2], std::strtoul(argv[3], nullptr, 10),
                                   std::atoi(argv[4]));
} catch (const std::exception& error) {
  std::fprintf(stderr, "boxoffice_kafka_way: %s\n", error.what());
  return 1;
}
