#include "event-log/kafka/time_signal.hpp"

#include <librdkafka/rdkafka.h>

#include <mutex>
#include <thread>

#include "event-log/kafka/idempotent_producer.hpp"
#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log {

using namespace kafka;

namespace {

constexpr std::chrono::milliseconds kAskEvery{1'000};
constexpr std::chrono::milliseconds kLook{10};
/// What comes later tells little, and the next has long been asked.
constexpr std::string_view kTimeoutMs = "5000";

}  // namespace

struct KafkaTimeSignal::Impl {
  explicit Impl(std::uint16_t count) : partitions(count) {}

  /// `of` is an `Impl`.
  static void delivered(const rd_kafka_message_t& record, void* of) {
    const std::unique_ptr<Deadline> sent(static_cast<Deadline*>(record._private));
    static_cast<Impl*>(of)->time.heard(record, *sent);
    static_cast<Impl*>(of)->failed(record.err);
  }

  void failed(rd_kafka_resp_err_t error) {
    const std::scoped_lock lock(mutex);
    last_error = error;
  }

  /// Why nobody tells the time, as far as is known.
  std::string reason() {
    const std::scoped_lock lock(mutex);
    return last_error == RD_KAFKA_RESP_ERR_NO_ERROR
               ? std::string()
               : ": " + std::string(rd_kafka_err2str(last_error));
  }

  /// On the producer's thread, as `delivered`.
  void look(const IdempotentProducer& asking) {
    if (Clock::now() < asks_at) return;
    asks_at = within(kAskEvery);
    const std::uint16_t questions = asked_all ? std::uint16_t{1} : partitions;
    asked_all = true;
    for (std::uint16_t i = 0; i < questions; ++i) ask(asking);
  }

  void ask(const IdempotentProducer& asking) {
    turn = static_cast<std::uint16_t>((turn + 1) % partitions);
    auto sent = std::make_unique<Deadline>(Clock::now());
    const rd_kafka_resp_err_t error = asking.use([&](const Client& client) {
      return rd_kafka_producev(client.get(), RD_KAFKA_V_RKT(client.topic(kRepliesLane)),
                               RD_KAFKA_V_PARTITION(turn), RD_KAFKA_V_VALUE(nullptr, 0),
                               RD_KAFKA_V_OPAQUE(sent.get()), RD_KAFKA_V_END);
    });
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) (void)sent.release();  // `delivered` has it
  }

  const std::uint16_t partitions;
  BrokersTime time;
  Deadline asks_at{};
  bool asked_all = false;
  std::uint16_t turn = 0;
  std::mutex mutex;
  rd_kafka_resp_err_t last_error = RD_KAFKA_RESP_ERR_NO_ERROR;  // guarded by mutex
  std::unique_ptr<IdempotentProducer> producer;                 // after what hears of its records
};

Result<std::unique_ptr<KafkaTimeSignal>> KafkaTimeSignal::open(const KafkaSettings& settings) {
  auto impl = std::make_unique<Impl>(settings.partitions);
  auto producer = IdempotentProducer::open(
      settings,
      {.thread = "time-signal",
       .properties = {{"message.timeout.ms", std::string(kTimeoutMs)}},
       .delivered = Impl::delivered,
       .of = impl.get(),
       .meanwhile = [raw = impl.get()](const IdempotentProducer& now) { raw->look(now); }});
  if (!producer) return std::unexpected(producer.error());
  impl->producer = std::move(*producer);
  return std::unique_ptr<KafkaTimeSignal>(new KafkaTimeSignal(std::move(impl)));
}

KafkaTimeSignal::KafkaTimeSignal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaTimeSignal::~KafkaTimeSignal() = default;

std::optional<std::string> KafkaTimeSignal::await_right_clock(
    std::chrono::milliseconds timeout) const {
  for (const Deadline deadline = within(timeout);;) {
    auto trouble = this->trouble(this_clock());
    if (!trouble || Clock::now() >= deadline) return trouble;
    std::this_thread::sleep_for(kLook);
  }
}

std::optional<std::string> KafkaTimeSignal::trouble(schema::Instant clock) const {
  auto trouble = time().trouble(clock);
  if (trouble && !time().compare(clock)) *trouble += impl_->reason();
  return trouble;
}

const BrokersTime& KafkaTimeSignal::time() const { return impl_->time; }

}  // namespace boxoffice::event_log
