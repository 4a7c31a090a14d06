#include "tests/replay/history.hpp"

#include <algorithm>

namespace boxoffice::replay {
namespace {

using event_log::Cursor;
using event_log::LogError;
using event_log::LogErrorKind;
using event_log::Result;
using event_log::StoredEvent;

class RecordsCursor : public Cursor {
 public:
  RecordsCursor(const std::deque<Record>& records, schema::Position after)
      : records_(records), partition_(after.partition) {
    while (next_ < records_.size() && records_[next_].sequence <= after.sequence) ++next_;
  }

  /// Three at a time, so that ends of reads fall everywhere.
  Result<std::span<const StoredEvent>> read(std::size_t) override {
    events_.clear();
    values_.clear();
    for (int i = 0; i < 3 && next_ < records_.size(); ++i, ++next_) {
      const Record& record = records_[next_];
      values_.push_back(record.value + std::string(schema::kPadding, ' '));
      events_.push_back({record.topic,
                         {partition_, record.sequence},
                         std::string_view(values_.back()).substr(0, record.value.size())});
    }
    return std::span<const StoredEvent>(events_);
  }

 private:
  const std::deque<Record>& records_;
  schema::Partition partition_;
  std::size_t next_ = 0;
  std::deque<std::string> values_;
  std::vector<StoredEvent> events_;
};

class RecordsLog : public event_log::Log {
 public:
  explicit RecordsLog(const Records& records) : records_(records) {}

  std::uint16_t partitions() const override { return kPartitions; }
  std::string_view deployment() const override { return kDeployment; }
  Result<std::unique_ptr<event_log::Writer>> take_over(
      std::span<const schema::Partition>) override {
    return std::unexpected(LogError{LogErrorKind::unavailable, "this log is only read"});
  }
  schema::Sequence end(schema::Partition partition) const override {
    const auto& records = records_[partition.value];
    return records.empty() ? schema::Sequence{} : records.back().sequence;
  }
  std::unique_ptr<Cursor> read_after(schema::Position after) override {
    return std::make_unique<RecordsCursor>(records_[after.partition.value], after);
  }
  Result<std::optional<std::string>> at(schema::Position position) override {
    if (position.partition.value >= records_.size()) return std::nullopt;
    for (const Record& record : records_[position.partition.value])
      if (record.sequence == position.sequence) return record.value;
    return std::nullopt;
  }
  Result<std::optional<std::string>> key(schema::Partition, std::string_view) override {
    return std::nullopt;
  }
  Result<void> read_keys(const event_log::KeyVisitor&) override { return {}; }
  std::shared_ptr<void> follow(event_log::Follower) override { return nullptr; }

 private:
  const Records& records_;
};

}  // namespace

std::unique_ptr<event_log::Log> log_of(const Records& records) {
  return std::make_unique<RecordsLog>(records);
}

schema::Position History::add(const Draft& draft) {
  const schema::Partition partition =
      draft.partition.value_or(schema::partition_of(draft.subject, kPartitions));
  std::deque<Record>& records = records_[partition.value];
  schema::Envelope envelope;
  envelope.position = {partition, schema::Sequence{records.size() + 1}};
  envelope.source = "boxoffice:" + std::string(kDeployment);
  envelope.subject = draft.subject;
  envelope.time = draft.time;
  envelope.causation = draft.causation;
  envelope.actor = draft.actor;
  if (!draft.actor.empty()) envelope.received = draft.time;
  envelope.command_offset = draft.command_offset;
  envelope.command_log = draft.command_log;
  if (!records.empty()) envelope.previous = sealing::sha256(records.back().value);

  Record record{schema::topic_of(draft.event), envelope.position.sequence, {}};
  schema::write_event(record.value, envelope, draft.event);
  records.push_back(std::move(record));
  return envelope.position;
}

Record& History::at(schema::Position position) {
  return *std::ranges::find(records_[position.partition.value], position.sequence,
                            &Record::sequence);
}

void History::chain_again(schema::Partition partition) {
  schema::Reader reader;
  schema::Envelope envelope;
  schema::Event event;
  std::optional<schema::Digest> previous;
  schema::Sequence sequence;
  for (Record& record : records_[partition.value]) {
    const std::string padded = record.value + std::string(schema::kPadding, ' ');
    if (!reader.event(std::string_view(padded).substr(0, record.value.size()), envelope, event))
      std::abort();
    record.sequence = sequence = sequence.next();
    envelope.position = {partition, sequence};
    envelope.previous = previous;
    record.value.clear();
    schema::write_event(record.value, envelope, event);
    previous = sealing::sha256(record.value);
  }
}

std::string command(std::uint32_t number) {
  return schema::to_text(schema::CommandIdentity{an_id<schema::CommandId>(number), {}});
}

}  // namespace boxoffice::replay
