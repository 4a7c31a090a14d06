#include "event-log/memory/broker_client.hpp"

#include <utility>

#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace {

/// A request is sent so often before its sender gives up.
constexpr int kAttempts = 2;

}  // namespace

std::optional<Broker::Producer> BrokerClient::fence(const std::string& id, Partition partition) {
  switch (deliver(Request::fence, partition)) {
    case Delivery::arrives:
      return broker_->fence(id);
    case Delivery::is_lost:
      break;
    case Delivery::answer_is_lost:
      (void)broker_->fence(id);
      break;
    case Delivery::is_late:
      broker_->send_later([id](Broker& broker) { (void)broker.fence(id); });
      break;
  }
  return std::nullopt;
}

bool BrokerClient::reaches(Partition partition) const {
  return deliver(Request::read, partition) == Delivery::arrives;
}

BrokerFate BrokerClient::commit(const Broker::Producer& producer, const Batch& batch,
                                Partition partition) {
  std::set<std::size_t> added;
  const auto send = [&](std::size_t lane, BrokerRecord record) {
    return produce(producer, {lane, partition}, std::move(record), added);
  };
  for (const CommittedEvent& event : batch.events)
    if (const auto fate = send(static_cast<std::size_t>(event.topic),
                               {.key = event.envelope.subject,
                                .bytes = event.value,
                                .sequence = event.envelope.position.sequence}))
      return *fate;
  for (const KeyRecord& key : batch.keys)
    if (const auto fate = send(kBrokerKeysLane, {.key = key.name, .bytes = key.value}))
      return *fate;
  for (const ReplyRecord& reply : batch.replies)
    if (const auto fate = send(kBrokerRepliesLane, {.key = reply.to, .bytes = reply.value}))
      return *fate;
  return end(producer, partition, Broker::End::commit);
}

std::optional<BrokerFate> BrokerClient::produce(const Broker::Producer& producer, BrokerLane lane,
                                                BrokerRecord record, std::set<std::size_t>& added) {
  const Delivery delivery = deliver(Request::produce, lane.partition);
  // A lost answer is no harm: it is sent again, and the broker knows it by its number. What was
  // delayed the broker knows to be out of order, and does not take.
  if (delivery == Delivery::is_lost || delivery == Delivery::is_late)
    return end(producer, lane.partition, Broker::End::abort);
  auto answer = Broker::Answer::done;
  if (added.insert(lane.number).second) answer = broker_->add(producer, lane);
  if (answer == Broker::Answer::done) answer = broker_->produce(producer, lane, std::move(record));
  switch (answer) {
    case Broker::Answer::done:
      return std::nullopt;
    case Broker::Answer::fenced:
      return BrokerFate::fenced;
    case Broker::Answer::not_in_transaction:
      return end(producer, lane.partition, Broker::End::abort);
  }
  broken("an answer is one of the broker's", std::source_location::current());
}

BrokerFate BrokerClient::end(const Broker::Producer& producer, Partition partition,
                             Broker::End how) {
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    switch (deliver(Request::end, partition)) {
      case Delivery::arrives:
        // The answer to the only request was that of the fence: it has ended nothing.
        if (broker_->end(producer, how) == Broker::Answer::fenced)
          return attempt == 1 ? BrokerFate::fenced : BrokerFate::in_doubt;
        if (attempt > 1 && conduct_.doubts_repeated_ends) return BrokerFate::in_doubt;
        return how == Broker::End::commit ? BrokerFate::committed : BrokerFate::lost;
      case Delivery::is_lost:
        break;
      case Delivery::answer_is_lost:
        (void)broker_->end(producer, how);
        break;
      case Delivery::is_late:
        broker_->send_later([producer, how](Broker& broker) { (void)broker.end(producer, how); });
        break;
    }
  }
  return BrokerFate::in_doubt;
}

std::optional<BrokerTurns> BrokerTurns::fence(BrokerClient& client, Partition partition) {
  const std::string id = client.conduct().name_in_ids + std::to_string(partition.value);
  BrokerTurns turns;
  for (const auto& [number, suffix] : {std::pair{0, "-a"}, std::pair{1, "-b"}}) {
    auto producer = client.fence(id + suffix, partition);
    if (!producer) return std::nullopt;
    turns.producers_[static_cast<std::size_t>(number)] = std::move(*producer);
  }
  return turns;
}

}  // namespace boxoffice::event_log
