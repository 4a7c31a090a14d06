#include "bench/log_layout/service.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/cpu_spent.hpp"
#include "bench/log_layout/events.hpp"

namespace boxoffice::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// What is durable, and who waits for more of it.
class Durable {
 public:
  void add(const Batch& batch) {
    for (const auto& event : batch.events) {
      const auto [partition, sequence] = event.envelope.position;
      ends_[partition.value].store(sequence.value, std::memory_order_release);
    }
    batches_.fetch_add(1, std::memory_order_release);
    batches_.notify_one();
  }
  void end() {
    ended_ = true;
    batches_.fetch_add(1, std::memory_order_release);
    batches_.notify_one();
  }

  std::uint64_t end_of(std::size_t partition) const {
    return ends_[partition].load(std::memory_order_acquire);
  }
  std::uint64_t batches() const { return batches_.load(std::memory_order_acquire); }
  bool ended() const { return ended_; }
  void wait_for_more_than(std::uint64_t batches) const { batches_.wait(batches); }

 private:
  std::array<std::atomic<std::uint64_t>, kPartitions> ends_{};
  std::atomic<std::uint64_t> batches_ = 0;
  std::atomic<bool> ended_ = false;
};

/// Reads every partition into one fold.
class Reader {
 public:
  explicit Reader(Layout& layout) {
    for (std::uint16_t i = 0; i < kPartitions; ++i) followers_.push_back(layout.follow({i}));
  }

  /// False: there was nothing more.
  bool read(std::size_t partition) {
    const std::size_t events =
        followers_[partition]->read([this](std::string_view value) { fold_.take(value); });
    read_[partition] += events;
    return events > 0;
  }
  void read_all() {
    for (std::size_t i = 0; i < kPartitions; ++i)
      while (read(i)) continue;
  }
  void read_up_to(const Durable& durable) {
    for (std::size_t i = 0; i < kPartitions; ++i)
      while (read_[i] < durable.end_of(i)) read(i);
  }
  std::uint64_t events() const { return fold_.events(); }

 private:
  std::vector<std::unique_ptr<Follower>> followers_;
  std::array<std::uint64_t, kPartitions> read_{};
  Fold fold_;
};

/// Reads on a thread of its own what is durable, as it is told of it.
class FollowingThread {
 public:
  FollowingThread(Layout& layout, Durable& durable)
      : reader_(layout), durable_(durable), thread_([this] { follow(); }) {}
  ~FollowingThread() { durable_.end(); }

  std::uint64_t events() const { return read_.load(std::memory_order_relaxed); }
  /// Reads to the end, of which nothing more is durable from now on.
  void finish() {
    durable_.end();
    thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void follow() try {
    for (bool ended = false; !ended;) {
      const std::uint64_t batches = durable_.batches();
      ended = durable_.ended();
      reader_.read_up_to(durable_);
      read_.store(reader_.events(), std::memory_order_relaxed);
      if (!ended) durable_.wait_for_more_than(batches);
    }
  } catch (...) {
    failure_ = std::current_exception();
  }

  Reader reader_;
  Durable& durable_;
  std::atomic<std::uint64_t> read_ = 0;
  std::exception_ptr failure_;
  std::jthread thread_;
};

/// Clients that claim, are answered once that is durable, and claim again after a while.
class Clients {
 public:
  Clients(Layout& layout, Durable& durable, const ServiceSettings& settings)
      : layout_(layout), durable_(durable), settings_(settings), asks_at_(settings.clients) {}

  void run() {
    const auto begin = Clock::now();
    // Not all at once: over the time that they have anyway.
    for (std::size_t i = 0; i < asks_at_.size(); ++i)
      asks_at_[i] = begin + settings_.between * i / asks_at_.size();
    while (Clock::now() - begin < settings_.runs_for) serve_who_asks();
    seconds_ = seconds_between(begin, Clock::now());
  }

  double claims() const { return static_cast<double>(latencies_us_.size()); }
  double seconds() const { return seconds_; }
  double latency_us(double fraction) {
    const auto at = static_cast<std::ptrdiff_t>(fraction * (claims() - 1));
    std::nth_element(latencies_us_.begin(), latencies_us_.begin() + at, latencies_us_.end());
    return latencies_us_[static_cast<std::size_t>(at)];
  }

 private:
  void serve_who_asks() {
    const auto now = Clock::now();
    auto batch = std::make_shared<Batch>();
    asking_.clear();
    for (std::size_t i = 0; i < asks_at_.size(); ++i) {
      if (asks_at_[i] > now) continue;
      asking_.push_back(i);
      events_.add_to(*batch, {static_cast<std::uint16_t>(i % kPartitions)});
    }
    if (asking_.empty()) {
      std::this_thread::sleep_until(*std::ranges::min_element(asks_at_));
      return;
    }
    layout_.append(batch);
    const auto answered = Clock::now();
    durable_.add(*batch);
    for (const std::size_t i : asking_) {
      latencies_us_.push_back(1e6 * seconds_between(asks_at_[i], answered));
      asks_at_[i] = answered + settings_.between;
    }
  }

  Layout& layout_;
  Durable& durable_;
  const ServiceSettings& settings_;
  Events events_;
  std::vector<Clock::time_point> asks_at_;
  std::vector<std::size_t> asking_;
  std::vector<double> latencies_us_;
  double seconds_ = 0;
};

}  // namespace

ServiceFigures serve(const Open& open, const std::filesystem::path& directory,
                     const ServiceSettings& settings) {
  ServiceFigures figures;
  std::uint64_t events = 0;
  {
    const double cpu_before = cpu_spent();
    const auto layout = open(directory);
    Durable durable;
    FollowingThread following(*layout, durable);
    Clients clients(*layout, durable, settings);
    clients.run();
    events = static_cast<std::uint64_t>(clients.claims());
    figures.behind = clients.claims() - static_cast<double>(following.events());
    following.finish();
    figures.claims_per_s = clients.claims() / clients.seconds();
    figures.p50_us = clients.latency_us(0.5);
    figures.p99_us = clients.latency_us(0.99);
    figures.cpu_us = 1e6 * (cpu_spent() - cpu_before) / clients.claims();
  }
  const auto begin = Clock::now();
  const auto layout = open(directory);
  const auto opened = Clock::now();
  Reader replay(*layout);
  replay.read_all();
  if (replay.events() != events) throw std::runtime_error("what was durable is not all there");
  figures.open_ms = 1e3 * seconds_between(begin, opened);
  figures.replayed_per_s = static_cast<double>(events) / seconds_between(opened, Clock::now());
  return figures;
}

}  // namespace boxoffice::bench
