#include <atomic>
#include <stdexcept>
#include <thread>

#include "bench/kafka_way/way.hpp"
#include "bench/log_layout/events.hpp"
#include "event-log/kafka/command_post.hpp"
#include "event-log/kafka/command_topic.hpp"

namespace boxoffice::bench {
namespace {

constexpr event_log::Partition kPartition{0};
constexpr std::size_t kCommandsAtOnce = 4096;
constexpr std::chrono::milliseconds kLook{100};

template <class T>
T or_throw(event_log::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class Adapter final : public Way {
 public:
  Adapter(const event_log::KafkaSettings& settings, OnReply on_reply)
      : log_(or_throw(event_log::open_kafka(settings))),
        writer_(or_throw(log_->take_over(std::span(&kPartition, 1)))),
        topic_(or_throw(event_log::KafkaCommandTopic::open(settings))),
        source_(topic_->source(kPartition)),
        post_(or_throw(event_log::KafkaCommandPost::open(settings, {}))) {
    or_throw(source_->seek(or_throw(source_->bounds(std::chrono::seconds(10))).end));
    events_.begin_after(kPartition, log_->end(kPartition));
    post_->receive([on_reply = std::move(on_reply)](std::string_view to, std::string_view) {
      on_reply(number_of(to));
    });
    deciding_ = std::thread([this] { decide(); });
  }
  ~Adapter() override {
    stopping_ = true;
    source_->interrupt();
    deciding_.join();
  }

  void post(std::uint64_t number) override {
    const std::string command = command_of(number);
    event_log::CommandPost::Sent sent = [](std::optional<std::string> trouble) {
      if (trouble) throw std::runtime_error(*trouble);
    };
    if (!post_->send(kPartition, "one-occasion", command, sent))
      throw std::runtime_error("more is on its way than may be");
  }

  std::uint64_t transactions() const override { return transactions_; }

 private:
  void decide() {
    while (!stopping_) {
      const auto records = or_throw(source_->read(kCommandsAtOnce));
      if (records.empty()) {
        source_->wait(std::chrono::steady_clock::now() + kLook);
        continue;
      }
      auto batch = std::make_shared<Batch>();
      for (const event_log::CommandRecord& record : records) {
        if (record.value.empty()) continue;  // the post has tried whether it may write
        events_.add_to(*batch, kPartition);
        batch->replies.push_back(
            {kPartition, std::to_string(number_of(record.value)), std::string(kReplyBytes, 'r')});
      }
      if (batch->events.empty()) continue;
      or_throw(writer_->append(std::move(batch)));
      ++transactions_;
    }
  }

  const std::unique_ptr<event_log::Log> log_;
  const std::unique_ptr<event_log::Writer> writer_;
  const std::unique_ptr<event_log::KafkaCommandTopic> topic_;
  const std::unique_ptr<event_log::CommandSource> source_;
  const std::unique_ptr<event_log::KafkaCommandPost> post_;
  Events events_;
  std::atomic<std::uint64_t> transactions_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread deciding_;
};

}  // namespace

std::unique_ptr<Way> adapter(const event_log::KafkaSettings& settings, Way::OnReply on_reply) {
  return std::make_unique<Adapter>(settings, std::move(on_reply));
}

}  // namespace boxoffice::bench
