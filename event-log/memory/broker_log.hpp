#pragma once

#include <functional>
#include <memory>
#include <string>

#include "event-log/memory/broker.hpp"

/// The port over a `Broker`, doing what the adapter for Kafka does: a partition lies in several
/// lanes, which a reader merges by sequence; its owner has two transactional producers that take
/// turns, and fences both when it takes over; what becomes of a commit that nobody knows of is
/// settled by the next take-over.
namespace boxoffice::event_log {

enum class Request {
  fence,    ///< a producer's id is taken
  produce,  ///< a record of a transaction
  end,      ///< a transaction is committed or aborted
  read,     ///< records, or where a lane ends
};

/// What becomes of a request.
enum class Delivery {
  arrives,
  is_lost,
  answer_is_lost,
  is_late,  ///< who sent it thinks that it is lost; it arrives some time
};

/// A process's connection to the broker. Asked before each request; may throw `Crash`, and may take
/// its time, in which others go on. Empty: everything arrives.
using Connection = std::function<Delivery(Request, Partition)>;

/// How a process behaves. But for `follows_others`, what is given is how the adapter for Kafka
/// does; anything else is a mistake, there to show that it is found.
struct Conduct {
  /// `end` is where others' commits have come to. Else: as far as this log has looked or appended.
  bool follows_others = false;
  Broker::Isolation isolation = Broker::Isolation::read_committed;
  /// Goes into its producers' ids. Empty: a partition's producers have the same whoever owns it, so
  /// that taking them fences the owner before.
  std::string name_in_ids;
  /// Also a commit whose end was sent twice is in doubt: the first request may still be on its way,
  /// and would end the producer's next transaction.
  bool doubts_repeated_ends = true;
};

/// Several may be open on one broker, as several processes on one cluster. Followers are told of
/// this log's own appends.
[[nodiscard]] std::unique_ptr<Log> open_on_broker(std::shared_ptr<Broker> broker,
                                                  Connection connection = {}, Conduct conduct = {});

}  // namespace boxoffice::event_log
