#include "event-log/memory/broker_reader.hpp"

#include <algorithm>

namespace boxoffice::event_log {
namespace {

std::unexpected<LogError> corrupt(std::string what) {
  return std::unexpected(LogError{LogErrorKind::corrupt, "broker: " + std::move(what)});
}

}  // namespace

Result<void> BrokerReader::read_on() {
  for (std::size_t number = 0; number < schema::kTopics; ++number)
    for (const BrokerRecord* record : broker_.read({number, partition_}, next_[number], isolation_))
      waiting_[number].push_back(record);
  read_keys();
  while (take_next()) {
  }
  const Position next{partition_, end().next()};
  for (const auto& lane : waiting_)
    if (!lane.empty() && lane.front()->sequence < next.sequence)
      return corrupt("event " + schema::to_text(Position{partition_, lane.front()->sequence}) +
                     " comes again");
  const bool has_more =
      std::ranges::any_of(waiting_, [](const auto& lane) { return !lane.empty(); });
  if (has_more && is_all_read())
    return corrupt("event " + schema::to_text(next) + " is missing, though later ones are there");
  return {};
}

bool BrokerReader::take_next() {
  for (std::size_t number = 0; number < schema::kTopics; ++number) {
    auto& lane = waiting_[number];
    if (lane.empty() || lane.front()->sequence != end().next()) continue;
    events_.push_back({static_cast<Topic>(number), lane.front()});
    lane.pop_front();
    return true;
  }
  return false;
}

void BrokerReader::read_keys() {
  for (const BrokerRecord* record :
       broker_.read({kBrokerKeysLane, partition_}, next_[kBrokerKeysLane], isolation_)) {
    if (record->value().empty())
      keys_.erase(record->key);
    else
      keys_[record->key] = record->value();
  }
}

bool BrokerReader::is_all_read() const {
  for (std::size_t number = 0; number < schema::kTopics; ++number)
    if (next_[number] < broker_.end_of({number, partition_})) return false;
  return true;
}

StoredEvent BrokerReader::at(Sequence sequence) const {
  const Event& event = events_[sequence.value - 1];
  return {event.topic, {partition_, sequence}, event.record->value()};
}

}  // namespace boxoffice::event_log
