#include "event-log/memory/broker_log.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "event-log/about.hpp"
#include "event-log/batch_rules.hpp"
#include "event-log/followers.hpp"
#include "event-log/memory/broker_client.hpp"
#include "event-log/memory/broker_reader.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace {

std::unexpected<LogError> unavailable(std::string what) {
  return std::unexpected(LogError{LogErrorKind::unavailable, "broker: " + std::move(what)});
}

std::string name_of(Partition partition) { return "partition " + std::to_string(partition.value); }

/// What one process knows of a partition.
struct Known {
  Known(const BrokerClient& client, Partition partition)
      : reader(client.broker(), partition, client.conduct().isolation) {}

  BrokerReader reader;
  Sequence committed;  ///< by this process: its markers may still be on their way
  std::shared_ptr<const Batch> in_doubt;

  Sequence end() const { return std::max(committed, reader.end()); }
};

/// What a log, its writers and its cursors share. Any of them may be the last to go.
struct Process {
  Process(std::shared_ptr<Broker> broker, Connection connection, Conduct conduct)
      : client(std::move(broker), std::move(connection), std::move(conduct)) {
    for (std::uint16_t i = 0; i < client.broker().partitions(); ++i)
      known.emplace_back(client, Partition{i});
  }

  Known& of(Partition partition) {
    require(partition.value < known.size(), "a partition is one of the log's");
    return known[partition.value];
  }

  /// Reads what others have written, too.
  Result<void> read_on(Partition partition) {
    if (!client.reaches(partition)) return unavailable("it cannot be read");
    const std::lock_guard lock(mutex);
    return of(partition).reader.read_on();
  }

  BrokerClient client;
  std::mutex mutex;
  std::deque<Known> known;  // guarded by mutex
  Followers followers;
};

class BrokerWriter final : public Writer {
 public:
  static Result<std::unique_ptr<Writer>> take_over(const std::shared_ptr<Process>& process,
                                                   std::span<const Partition> partitions) {
    auto writer = std::make_unique<BrokerWriter>(process, partitions);
    for (const Partition partition : partitions) {
      auto turns = BrokerTurns::fence(process->client, partition);
      if (!turns) return unavailable("nobody said whether " + name_of(partition) + " is fenced");
      writer->turns_.emplace(partition, std::move(*turns));
      if (auto done = writer->look_behind_the_fence(partition); !done)
        return std::unexpected(done.error());
    }
    for (Known& known : process->known) writer->ends_.push_back(known.end());
    return writer;
  }

  BrokerWriter(std::shared_ptr<Process> process, std::span<const Partition> partitions)
      : process_(std::move(process)), partitions_(partitions.begin(), partitions.end()) {}

  Result<void> append(std::shared_ptr<const Batch> batch) override {
    if (!lost_.empty())
      return std::unexpected(LogError{LogErrorKind::fenced, lost_ + "; take over again"});
    const std::vector<Sequence> after = ends_after(*batch, ends_, partitions_);
    const auto partition = partition_of(*batch);
    if (!partition) return {};
    BrokerTurns& turns = turns_.at(*partition);
    const BrokerFate fate = process_->client.commit(turns.next(), *batch, *partition);
    if (fate != BrokerFate::committed) return failed(*partition, batch, fate);
    turns.done();
    ends_ = after;
    {
      const std::lock_guard lock(process_->mutex);
      process_->of(*partition).committed = after[partition->value];
    }
    process_->followers.notify(batch);
    return {};
  }

 private:
  /// All that was committed before the fence is readable now, and nothing else will be.
  Result<void> look_behind_the_fence(Partition partition) {
    const Broker& broker = process_->client.broker();
    if (auto read = process_->read_on(partition); !read) return read;
    for (std::size_t number = 0; number < schema::kTopics; ++number)
      if (broker.stable_end_of({number, partition}) < broker.end_of({number, partition}))
        return unavailable("another program has a transaction open on " + name_of(partition));
    Known& known = process_->of(partition);
    known.committed = known.reader.end();
    settle(known);
    return {};
  }

  void settle(Known& known) {
    const auto batch = std::exchange(known.in_doubt, nullptr);
    if (!batch || batch->events.empty()) return;
    const CommittedEvent& first = batch->events.front();
    const Sequence sequence = first.envelope.position.sequence;
    if (sequence <= known.end() && known.reader.at(sequence).value == first.value)
      process_->followers.notify(batch);
  }

  static std::optional<Partition> partition_of(const Batch& batch) {
    std::optional<Partition> partition;
    const auto concerns = [&](Partition other) {
      require(!partition || *partition == other, "a batch concerns one partition");
      partition = other;
    };
    for (const CommittedEvent& event : batch.events) concerns(event.envelope.position.partition);
    for (const KeyRecord& key : batch.keys) concerns(key.partition);
    for (const ReplyRecord& reply : batch.replies) concerns(reply.partition);
    return partition;
  }

  Result<void> failed(Partition partition, const std::shared_ptr<const Batch>& batch,
                      BrokerFate fate) {
    switch (fate) {
      case BrokerFate::committed:
        break;
      case BrokerFate::lost:
        lost_ = "an append to " + name_of(partition) + " failed";
        return unavailable(lost_);
      case BrokerFate::fenced:
        lost_ = "another writer has taken over " + name_of(partition);
        return std::unexpected(LogError{LogErrorKind::fenced, lost_});
      case BrokerFate::in_doubt:
        lost_ = "an append to " + name_of(partition) + " has an open outcome";
        process_->of(partition).in_doubt = batch;
        return unavailable(lost_);
    }
    broken("an outcome has a fate", std::source_location::current());
  }

  const std::shared_ptr<Process> process_;
  const std::vector<Partition> partitions_;
  std::map<Partition, BrokerTurns> turns_;
  std::vector<Sequence> ends_;  ///< by partition; what others append later is nothing to it
  std::string lost_;            ///< why nothing can be appended any more
};

class BrokerCursor final : public Cursor {
 public:
  BrokerCursor(std::shared_ptr<Process> process, Position after)
      : process_(std::move(process)), at_(after) {}

  Result<std::span<const StoredEvent>> read(std::size_t bytes_max) override {
    const auto done = process_->read_on(at_.partition);
    const std::lock_guard lock(process_->mutex);
    const Known& known = process_->of(at_.partition);
    events_.clear();
    std::size_t bytes = 0;
    while (at_.sequence < known.reader.end()) {
      const StoredEvent event = known.reader.at(at_.sequence.next());
      bytes += event.value.size();
      if (bytes > bytes_max && !events_.empty()) break;
      events_.push_back(event);
      at_ = event.position;
    }
    // An error comes once the events before it were handed out.
    if (!done && events_.empty()) return std::unexpected(done.error());
    if (events_.empty() && at_.sequence < known.committed)
      return unavailable("what was committed cannot be read yet");
    return std::span<const StoredEvent>(events_);
  }

 private:
  const std::shared_ptr<Process> process_;
  Position at_;
  std::vector<StoredEvent> events_;
};

class BrokerLog final : public Log {
 public:
  explicit BrokerLog(std::shared_ptr<Process> process) : process_(std::move(process)) {
    for (Known& known : process_->known) (void)known.reader.read_on();
  }

  std::uint16_t partitions() const override { return process_->client.broker().partitions(); }
  std::string_view deployment() const override { return "memory000000"; }

  Result<std::unique_ptr<Writer>> take_over(std::span<const Partition> partitions) override {
    return BrokerWriter::take_over(process_, partitions);
  }

  Sequence end(Partition partition) const override {
    const std::lock_guard lock(process_->mutex);
    Known& known = process_->of(partition);
    if (process_->client.conduct().follows_others) (void)known.reader.read_on();
    return known.end();
  }

  std::unique_ptr<Cursor> read_after(Position after) override {
    process_->of(after.partition);
    return std::make_unique<BrokerCursor>(process_, after);
  }

  Result<std::optional<std::string>> at(Position position) override {
    if (auto done = process_->read_on(position.partition); !done)
      return std::unexpected(done.error());
    const std::lock_guard lock(process_->mutex);
    const Known& known = process_->of(position.partition);
    if (position.sequence == Sequence{} || position.sequence > known.end()) return std::nullopt;
    if (position.sequence > known.reader.end())
      return unavailable("what was committed cannot be read yet");
    const std::string_view value = known.reader.at(position.sequence).value;
    std::string copy;
    copy.reserve(value.size() + schema::kPadding);
    copy.append(value);
    return copy;
  }

  Result<std::optional<std::string>> key(Partition partition, std::string_view name) override {
    if (auto done = process_->read_on(partition); !done) return std::unexpected(done.error());
    const std::lock_guard lock(process_->mutex);
    const auto& keys = process_->of(partition).reader.keys();
    const auto found = keys.find(name);
    return found == keys.end() ? std::nullopt : std::optional(found->second);
  }

  Result<void> read_keys(const KeyVisitor& visit) override {
    for (std::uint16_t i = 0; i < partitions(); ++i) {
      if (auto done = process_->read_on({i}); !done) return done;
      std::map<std::string, std::string, std::less<>> keys;
      {
        const std::lock_guard lock(process_->mutex);
        keys = process_->of({i}).reader.keys();
      }
      for (const auto& [name, value] : keys)
        if (!is_about_the_log(name) && !visit({{i}, name, value})) return {};
    }
    return {};
  }

  std::shared_ptr<void> follow(Follower follower) override {
    return process_->followers.add(std::move(follower));
  }

 private:
  const std::shared_ptr<Process> process_;
};

}  // namespace

std::unique_ptr<Log> open_on_broker(std::shared_ptr<Broker> broker, Connection connection,
                                    Conduct conduct) {
  return std::make_unique<BrokerLog>(
      std::make_shared<Process>(std::move(broker), std::move(connection), std::move(conduct)));
}

}  // namespace boxoffice::event_log
