#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::bench {

inline constexpr std::size_t kCommandBytes = 700;  ///< as a claim's is
inline constexpr std::size_t kReplyBytes = 400;

/// Numbers of commands, in the order in which they were decided.
using Numbers = std::vector<std::uint64_t>;

/// A way of commands through Kafka: into a topic; out of it, as many as have arrived, and into one
/// transaction with an event and a reply each; and, that being committed, out of the topic of
/// replies. Threads of its own do all but `post`. Throws std::runtime_error; so does what they do,
/// which ends the program.
class Way {
 public:
  /// On a thread of the way's.
  using OnReply = std::function<void(std::uint64_t number)>;

  virtual ~Way() = default;
  virtual void post(std::uint64_t number) = 0;
  virtual std::uint64_t transactions() const = 0;
};

/// Topics are made where they are missing; one partition each.
event_log::KafkaSettings topics(const std::string& brokers, const std::string& prefix);

/// librdkafka alone, as quick as is known: two transactional producers that take turns.
std::unique_ptr<Way> raw(const event_log::KafkaSettings& settings, Way::OnReply on_reply);
/// Through the ports of event-log.
std::unique_ptr<Way> adapter(const event_log::KafkaSettings& settings, Way::OnReply on_reply);

/// `number` first, as both ways write it into commands and keys of replies.
std::string command_of(std::uint64_t number);
std::uint64_t number_of(std::string_view text);

}  // namespace boxoffice::bench
