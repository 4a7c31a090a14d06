#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>

#include "event-log/kafka/client.hpp"
#include "event-log/kafka/lanes.hpp"

namespace boxoffice::event_log::kafka {

/// Rings when something has come. Thread-safe.
class Bell {
 public:
  void ring();
  /// Waits for a ring since the last wait. False: none came in time.
  bool wait(Deadline deadline);

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool rung_ = false;  // guarded by mutex_
};

/// A committed record. Its views live as long as it does.
class Record {
 public:
  explicit Record(Handle<rd_kafka_message_s> message) : message_(std::move(message)) {}

  std::int64_t offset() const;
  std::string_view key() const;
  std::string_view value() const;
  bool is_tombstone() const;

 private:
  Handle<rd_kafka_message_s> message_;
};

/// What a reader fetches ahead.
struct Budget {
  std::size_t lane_bytes;  ///< waits for each lane at most, and one fetch more
  /// Of one lane at once. The broker sends no less than a batch of records, as it was written.
  std::size_t fetch_bytes;
  std::size_t records_at_once;  ///< handed over by librdkafka; at most 256
  /// How long a broker waits at the end of a lane before it says so. The next lane of the
  /// connection waits as long.
  std::chrono::milliseconds fetch_wait;
};

/// Reads committed records of lanes, each of which at most one stream reads at a time. The streams
/// fetch ahead in the background, each into a queue of its own, so that none starves another.
class Reader {
 public:
  /// `own` are properties beside those of a reader, or instead of them.
  [[nodiscard]] static Result<std::unique_ptr<Reader>> open(const KafkaSettings& settings,
                                                            Budget budget, Deadline deadline,
                                                            const Properties& own = {});

  const std::string& topic_name(std::size_t lane) const { return client_->topic_name(lane); }
  /// How many records librdkafka handed over so far.
  std::uint64_t records() const { return records_; }

 private:
  friend class Stream;
  Reader(std::unique_ptr<Client> client, std::size_t records_at_once)
      : client_(std::move(client)), records_at_once_(records_at_once) {}

  std::unique_ptr<Client> client_;
  const std::size_t records_at_once_;
  std::atomic<std::uint64_t> records_ = 0;
};

/// One lane from some offset on. Not thread-safe.
class Stream {
 public:
  /// `reader` and `bell` must outlive it. The bell rings when there is more.
  [[nodiscard]] static Result<Stream> open(Reader& reader, Lane lane, std::int64_t from,
                                           Bell& bell);
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) = delete;

  /// The first record that was not taken; null where none has come yet. Stays valid until `take`.
  const Record* head();
  Record take();

  /// All before this has been handed over or was no record (markers and aborted records take
  /// offsets, too).
  std::int64_t reached() const { return reached_; }
  /// Where the head lies; without one, as `reached`.
  std::int64_t next_offset() { return head() != nullptr ? head()->offset() : reached_; }

  /// Whether a broker has handed anything over since it was opened, be it only that this is the
  /// end.
  bool was_heard_of() const { return was_heard_of_; }

  /// Why nothing more will come, if so.
  const std::optional<LogError>& error() const { return error_; }

 private:
  struct Consumption;

  Stream(Reader& reader, Lane lane, std::int64_t from, std::shared_ptr<Consumption> consumption);
  void fill();
  std::size_t fill_once();

  Reader* reader_;
  Lane lane_;
  std::int64_t reached_;
  std::int64_t end_seen_ = 0;  // reached once all arrived is taken
  bool was_heard_of_ = false;
  std::deque<Record> arrived_;
  std::optional<LogError> error_;
  std::shared_ptr<Consumption> consumption_;  // shared only to be movable
};

/// How long who watches several things waits for the bell at a time.
inline constexpr std::chrono::milliseconds kQuiet{20};

/// Readers that are lent out, so that cursors over different partitions share one. Thread-safe.
class Readers {
 public:
  /// `settings` must outlive it; `own` as for a reader.
  Readers(const KafkaSettings& settings, Budget budget, Properties own = {})
      : settings_(settings), budget_(budget), own_(std::move(own)) {}

  /// A reader that nobody else uses for these partitions; give it back by dropping it. Brokers have
  /// until the deadline where one is to be opened; without one, as long as for each call that
  /// reads.
  [[nodiscard]] Result<std::shared_ptr<Reader>> lend(std::span<const Partition> partitions,
                                                     std::optional<Deadline> deadline = {});

  std::uint64_t records() const;

 private:
  struct Lent {
    std::unique_ptr<Reader> reader;
    std::vector<bool> in_use;  // by partition
  };

  const KafkaSettings& settings_;
  const Budget budget_;
  const Properties own_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Lent>> lent_;  // guarded by mutex_
};

}  // namespace boxoffice::event_log::kafka
