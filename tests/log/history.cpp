#include "tests/log/history.hpp"

#include <gtest/gtest.h>
#include <openssl/sha.h>

namespace boxoffice::event_log::testing {

schema::Digest sha256(std::string_view bytes) {
  schema::Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.bytes.data());
  return digest;
}

CommittedEvent History::next(Partition partition, schema::Event event, std::string text) {
  auto& events = events_[partition];
  CommittedEvent next;
  next.topic = topic_of(event);
  next.envelope.position = {partition, {events.size() + 1}};
  next.envelope.source = source_;
  next.envelope.subject = "AAAAAAAAAAAAAAAAAAAAAA";
  next.envelope.actor = std::move(text);
  if (!events.empty()) next.envelope.previous = sha256(events.back().value);
  next.event = std::move(event);
  write_event(next.value, next.envelope, next.event);
  events.push_back(next);
  return next;
}

BatchPtr History::next_batch(Partition partition, std::size_t count) {
  std::vector<CommittedEvent> events;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text(1 + (of(partition).size() * 37 + i) % 300, 'x');
    events.push_back(i % 2 == 0 ? next(partition, schema::KeyUsed{}, text)
                                : next(partition, schema::ReleaseRefused{}, text));
  }
  return batch(std::move(events));
}

Sequence History::end(Partition partition) const { return {of(partition).size()}; }

const std::vector<CommittedEvent>& History::of(Partition partition) const {
  static const std::vector<CommittedEvent> none;
  const auto found = events_.find(partition);
  return found == events_.end() ? none : found->second;
}

BatchPtr batch(std::vector<CommittedEvent> events, std::vector<KeyRecord> keys) {
  return std::make_shared<const Batch>(Batch{std::move(events), std::move(keys)});
}

std::unique_ptr<Writer> writer_of(Log& log, std::initializer_list<std::uint16_t> partitions) {
  std::vector<Partition> owned;
  for (const std::uint16_t partition : partitions) owned.push_back({partition});
  auto writer = log.take_over(owned);
  if (!writer) {
    ADD_FAILURE() << writer.error().message;
    return nullptr;
  }
  return std::move(*writer);
}

std::vector<Read> read_all(Log& log, Position after, std::size_t bytes_max) {
  std::vector<Read> all;
  const auto cursor = log.read_after(after);
  for (;;) {
    const auto some = cursor->read(bytes_max);
    if (!some) {
      ADD_FAILURE() << some.error().message;
      return all;
    }
    if (some->empty()) return all;
    for (const StoredEvent& event : *some)
      all.push_back({event.topic, event.position, std::string(event.value)});
  }
}

void expect_holds(Log& log, const History& history, Partition partition) {
  const auto& expected = history.of(partition);
  EXPECT_EQ(log.end(partition), history.end(partition));
  const auto read = read_all(log, {partition, {0}});
  ASSERT_EQ(read.size(), expected.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    ASSERT_EQ(read[i].position, expected[i].envelope.position);
    ASSERT_EQ(read[i].topic, expected[i].topic);
    ASSERT_EQ(read[i].value, expected[i].value) << to_text(read[i].position);
    const auto at = log.at(read[i].position);
    ASSERT_TRUE(at) << at.error().message;
    ASSERT_EQ(*at, expected[i].value);
    ASSERT_GE((*at)->capacity(), (*at)->size() + schema::kPadding);
  }
}

}  // namespace boxoffice::event_log::testing
