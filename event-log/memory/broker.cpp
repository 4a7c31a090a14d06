#include "event-log/memory/broker.hpp"

#include <algorithm>
#include <set>

#include "event-log/require.hpp"

namespace boxoffice::event_log {

struct Broker::Transaction {
  std::optional<End> ended;
  std::set<std::size_t> unmarked;  ///< lanes that it wrote to and that do not know its end yet
};

struct Broker::Lane {
  struct Place {
    std::shared_ptr<Transaction> transaction;  ///< null: a marker, nobody is shown it
    BrokerRecord record;
  };
  std::deque<Place> places;
  std::vector<std::pair<const Transaction*, std::uint64_t>>
      unstable;  ///< where each of them begins

  std::uint64_t stable_end() const {
    std::uint64_t end = places.size();
    for (const auto& [transaction, begin] : unstable) end = std::min(end, begin);
    return end;
  }
};

struct Broker::Id {
  std::uint64_t epoch = 0;
  std::shared_ptr<Transaction> last;  ///< open, or ended with markers to be written
};

namespace {

std::size_t index_of(BrokerLane lane) { return lane.partition.value * kBrokerLanes + lane.number; }

}  // namespace

Broker::Broker(std::uint16_t partitions, std::function<bool()> delays_marker)
    : partitions_(partitions), delays_marker_(std::move(delays_marker)) {
  for (std::size_t i = 0; i < partitions * kBrokerLanes; ++i)
    lanes_.push_back(std::make_unique<Lane>());
}

Broker::~Broker() = default;

Broker::Producer Broker::fence(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Id& taken = ids_[id];
  end_open(taken, End::abort);
  write_all_markers(taken);
  return {id, ++taken.epoch};
}

Broker::Answer Broker::add(const Producer& producer, BrokerLane to) {
  const std::lock_guard lock(mutex_);
  Id* id = current(producer);
  if (id == nullptr) return Answer::fenced;
  if (id->last && id->last->ended) write_all_markers(*id);
  if (!id->last) id->last = std::make_shared<Transaction>();
  Lane& into = lane(to);
  if (id->last->unmarked.insert(index_of(to)).second)
    into.unstable.emplace_back(id->last.get(), into.places.size());
  return Answer::done;
}

Broker::Answer Broker::produce(const Producer& producer, BrokerLane to, BrokerRecord record) {
  const std::lock_guard lock(mutex_);
  Id* id = current(producer);
  if (id == nullptr) return Answer::fenced;
  if (!id->last || id->last->ended || !id->last->unmarked.contains(index_of(to)))
    return Answer::not_in_transaction;
  record.bytes.append(schema::kPadding, '\0');
  lane(to).places.push_back({id->last, std::move(record)});
  return Answer::done;
}

Broker::Answer Broker::end(const Producer& producer, End how) {
  const std::lock_guard lock(mutex_);
  Id* id = current(producer);
  if (id == nullptr) return Answer::fenced;
  end_open(*id, how);
  return Answer::done;
}

void Broker::send_later(std::function<void(Broker&)> request) {
  const std::lock_guard lock(mutex_);
  late_requests_.push_back(std::move(request));
}

std::uint64_t Broker::end_of(BrokerLane of) const {
  const std::lock_guard lock(mutex_);
  return lane(of).places.size();
}

std::uint64_t Broker::stable_end_of(BrokerLane of) const {
  const std::lock_guard lock(mutex_);
  return lane(of).stable_end();
}

std::vector<const BrokerRecord*> Broker::read(BrokerLane of, std::uint64_t& from,
                                              Isolation isolation) const {
  const std::lock_guard lock(mutex_);
  const Lane& from_lane = lane(of);
  const bool committed_only = isolation == Isolation::read_committed;
  const std::uint64_t end =
      committed_only ? from_lane.stable_end() : std::uint64_t(from_lane.places.size());
  std::vector<const BrokerRecord*> records;
  for (; from < end; ++from) {
    const Lane::Place& place = from_lane.places[from];
    if (!place.transaction) continue;
    if (committed_only && place.transaction->ended != End::commit) continue;
    records.push_back(&place.record);
  }
  return records;
}

bool Broker::write_a_marker(std::uint64_t which) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<Transaction*, std::size_t>> due;
  for (const auto& [name, id] : ids_)
    if (id.last && id.last->ended)
      for (const std::size_t lane_index : id.last->unmarked)
        due.emplace_back(id.last.get(), lane_index);
  if (due.empty()) return false;
  const auto& [transaction, lane_index] = due[which % due.size()];
  write_marker(*transaction, lane_index);
  return true;
}

bool Broker::deliver_a_late_request(std::uint64_t which) {
  std::function<void(Broker&)> request;
  {
    const std::lock_guard lock(mutex_);
    if (late_requests_.empty()) return false;
    const auto chosen =
        late_requests_.begin() + static_cast<std::ptrdiff_t>(which % late_requests_.size());
    request = std::move(*chosen);
    late_requests_.erase(chosen);
  }
  request(*this);
  return true;
}

bool Broker::time_out_a_transaction(std::uint64_t which) {
  const std::lock_guard lock(mutex_);
  std::vector<Id*> open;
  for (auto& [name, id] : ids_)
    if (id.last && !id.last->ended) open.push_back(&id);
  if (open.empty()) return false;
  Id& chosen = *open[which % open.size()];
  end_open(chosen, End::abort);
  ++chosen.epoch;
  return true;
}

Broker::Lane& Broker::lane(BrokerLane of) const {
  require(of.partition.value < partitions_ && of.number < kBrokerLanes, "a lane is there");
  return *lanes_[index_of(of)];
}

Broker::Id* Broker::current(const Producer& producer) {
  Id& id = ids_[producer.id];
  return id.epoch == producer.epoch ? &id : nullptr;
}

void Broker::end_open(Id& id, End how) {
  if (!id.last || id.last->ended) return;
  id.last->ended = how;
  const std::set<std::size_t> lanes = id.last->unmarked;
  for (const std::size_t lane_index : lanes)
    if (!delays_marker_ || !delays_marker_()) write_marker(*id.last, lane_index);
}

void Broker::write_marker(Transaction& transaction, std::size_t lane_index) {
  Lane& to = *lanes_[lane_index];
  transaction.unmarked.erase(lane_index);
  std::erase_if(to.unstable, [&](const auto& begun) { return begun.first == &transaction; });
  to.places.emplace_back();
}

void Broker::write_all_markers(Id& id) {
  if (!id.last) return;
  const std::set<std::size_t> lanes = id.last->unmarked;
  for (const std::size_t lane_index : lanes) write_marker(*id.last, lane_index);
  id.last.reset();
}

}  // namespace boxoffice::event_log
