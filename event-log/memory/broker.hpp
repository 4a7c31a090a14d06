#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event-log/log.hpp"

/// What a Kafka cluster keeps, in memory, with its rules: for tests and the simulator.
namespace boxoffice::event_log {

/// Of one partition: a lane for each topic of events, numbered as those, one for keys, one for
/// replies.
inline constexpr std::size_t kBrokerKeysLane = schema::kTopics;
inline constexpr std::size_t kBrokerRepliesLane = kBrokerKeysLane + 1;
inline constexpr std::size_t kBrokerLanes = kBrokerRepliesLane + 1;

struct BrokerLane {
  std::size_t number = 0;
  Partition partition;
};

/// A record as it was produced. `bytes` holds the value and behind it `schema::kPadding` zeros.
struct BrokerRecord {
  std::string key;
  std::string bytes;
  Sequence sequence;  ///< of an event; 0 otherwise

  std::string_view value() const {
    return std::string_view(bytes).substr(0, bytes.size() - schema::kPadding);
  }
};

/// Lanes of records, and producers that are known by an id and write in transactions.
///
/// Whoever takes an id ends what it left open and gets a higher epoch; requests of a lower one are
/// refused from then on. A transaction's end is decided at once and written to its lanes one by
/// one (the markers): a reader of committed records is shown a lane up to the first record whose
/// transaction has no marker there, and nothing that was aborted.
///
/// Thread-safe; deterministic when used by one thread.
class Broker {
 public:
  struct Producer {
    std::string id;
    std::uint64_t epoch = 0;
  };
  enum class Answer { done, fenced, not_in_transaction };
  enum class End { commit, abort };

  /// `delays_marker` is asked for each marker as it falls due; those that are delayed wait for
  /// `write_a_marker`, or for the next user of their producer. Empty: none is.
  explicit Broker(std::uint16_t partitions, std::function<bool()> delays_marker = {});
  ~Broker();

  std::uint16_t partitions() const { return partitions_; }

  /// Takes the id. What its owner before had decided to commit is committed when it returns, what
  /// was open is aborted.
  Producer fence(const std::string& id);
  /// The lane is written to in the transaction, which begins where none is open.
  Answer add(const Producer& producer, BrokerLane lane);
  /// But for `done`, nothing was written.
  Answer produce(const Producer& producer, BrokerLane lane, BrokerRecord record);
  /// Ends the transaction that is open; where none is, nothing is to be done.
  Answer end(const Producer& producer, End how);
  /// The request is still on its way: it arrives by `deliver_a_late_request`.
  void send_later(std::function<void(Broker&)> request);

  /// Where records that are produced now come to lie.
  std::uint64_t end_of(BrokerLane lane) const;
  /// Where committed records cannot be read yet: `end_of`, if none is open.
  std::uint64_t stable_end_of(BrokerLane lane) const;

  enum class Isolation { read_committed, read_uncommitted };
  /// What a reader of the lane is shown from `from` on. Records stay where they are as long as the
  /// broker. Moves `from` behind what was read.
  std::vector<const BrokerRecord*> read(BrokerLane lane, std::uint64_t& from,
                                        Isolation isolation) const;

  // What time brings. `which` chooses among those that there are; false: there is none.
  bool write_a_marker(std::uint64_t which);
  bool deliver_a_late_request(std::uint64_t which);
  /// A transaction has been open for too long: it is aborted and its producer fenced.
  bool time_out_a_transaction(std::uint64_t which);

 private:
  struct Transaction;
  struct Lane;
  struct Id;

  Lane& lane(BrokerLane lane) const;
  Id* current(const Producer& producer);
  void end_open(Id& id, End how);
  void write_marker(Transaction& transaction, std::size_t lane_index);
  void write_all_markers(Id& id);

  const std::uint16_t partitions_;
  const std::function<bool()> delays_marker_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::map<std::string, Id> ids_;
  std::vector<std::function<void(Broker&)>> late_requests_;
};

}  // namespace boxoffice::event_log
