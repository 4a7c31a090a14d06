#pragma once

#include "event-log/command_topic.hpp"
#include "event-log/kafka/lookout.hpp"

namespace boxoffice::event_log::kafka {

/// A stream that notices when it stands still, says so, and at last opens itself again on another
/// connection. For one thread, but `behind` and `trouble`.
class WatchedStream {
 public:
  /// What streams of one topic share.
  struct Surroundings {
    const KafkaSettings& settings;
    Readers& readers;
    Lookout& lookout;
    /// librdkafka notices a dead connection by itself, within its `socket.timeout.ms`.
    std::chrono::milliseconds opens_again_after;
  };

  /// All must outlive it. The bell rings when there is more.
  WatchedStream(Surroundings surroundings, Lane lane, Bell& bell);
  ~WatchedStream();

  [[nodiscard]] Result<void> open(std::int64_t from);
  void close();

  // REQUIRES: open.
  const Record* head() { return stream_->head(); }
  Record take() { return stream_->take(); }
  std::int64_t reached() const { return stream_->reached(); }
  bool was_heard_of() const { return stream_->was_heard_of(); }
  const std::optional<LogError>& error() const { return stream_->error(); }
  /// After what there was has been taken.
  void looked();

  /// For how long nothing has come though there is more, or nobody has told whether there is. Any
  /// thread.
  std::chrono::milliseconds behind() const;
  /// The same in words, once it is too long. Any thread.
  std::optional<std::string> trouble() const;

 private:
  void open_again();
  std::string name() const;

  const Surroundings surroundings_;
  const Lane lane_;
  Bell& bell_;
  Standstill standstill_;
  Deadline opens_again_at_{};
  std::shared_ptr<Reader> reader_;
  std::optional<Stream> stream_;  // before the reader goes
};

}  // namespace boxoffice::event_log::kafka
