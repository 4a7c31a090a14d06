#pragma once

#include <deque>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include "event-log/log.hpp"
#include "sealing/sealing.hpp"

/// A small history, written event by event as a processor would, and altered as one must not.
namespace boxoffice::replay {

inline constexpr std::uint16_t kPartitions = 4;
inline constexpr std::string_view kDeployment = "test00000000";
inline const schema::Instant kNoon{std::chrono::milliseconds(1'900'000'000'000)};

struct Record {
  schema::Topic topic{};
  schema::Sequence sequence;
  std::string value;
};

/// By partition.
using Records = std::vector<std::deque<Record>>;

/// A log of what is given, be it as false as it may.
std::unique_ptr<event_log::Log> log_of(const Records& records);

template <class IdType>
IdType an_id(std::uint32_t number) {
  // Spread over all bytes, as real ids are.
  std::string text = typeid(IdType).name();
  for (int i = 0; i < 4; ++i) text.push_back(static_cast<char>(number >> (8 * i)));
  return IdType::from(sealing::sha256(text).bytes);
}

struct Draft {
  std::string subject;
  schema::Event event;
  schema::Instant time = kNoon;
  std::string causation;
  std::string actor = "anonymous";
  std::optional<std::uint64_t> command_offset;
  std::string command_log;
  std::optional<schema::Partition> partition;  ///< else the subject's
};

class History {
 public:
  History() : records_(kPartitions) {}

  /// Appends to the partition of the subject, in its chain.
  schema::Position add(const Draft& draft);

  Record& at(schema::Position position);
  Records& records() { return records_; }
  std::unique_ptr<event_log::Log> log() const { return log_of(records_); }
  /// Every event's number and `prevhash` anew, from what lies before it now.
  void chain_again(schema::Partition partition);

 private:
  Records records_;
};

/// The identity of the command of that number.
std::string command(std::uint32_t number);

}  // namespace boxoffice::replay
