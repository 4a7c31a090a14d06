#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "event-log/side_topic.hpp"

namespace boxoffice::simulation {

/// A topic beside the log as the owner of a partition gets at it: the brokers may not answer, what
/// is sent is on its way for a while, in order, and some of it never arrives; nor does what is on
/// its way when the owner's process ends.
class DistantSideTopic final : public event_log::SideTopic {
 public:
  struct Faults {
    std::function<bool()> answers;  ///< a request; the process may end or be left in its midst
    std::function<bool()> is_away;
    std::function<bool()> holds_up;  ///< a record does not arrive yet
    std::function<bool()> loses;     ///< it never does
    std::function<bool()> damages;   ///< what is read is not what was written
  };

  DistantSideTopic(event_log::SideTopic& topic, Faults faults)
      : topic_(topic), faults_(std::move(faults)) {}

  std::unique_ptr<Sending> send_to(event_log::Partition partition) override;
  event_log::Result<Range> range(event_log::Partition partition) override;
  event_log::Result<std::uint64_t> first_at(event_log::Partition partition,
                                            schema::Instant time) override;
  event_log::Result<void> read(event_log::Partition partition, std::uint64_t from, std::uint64_t to,
                               const event_log::SideVisitor& visit) override;
  event_log::Result<void> trim(event_log::Partition partition, std::uint64_t before) override;

  /// What is on its way, or some of it.
  void arrive();

 private:
  class Way;
  /// What one sender has sent.
  struct Sent {
    std::unique_ptr<Sending> arrived;
    std::size_t underway = 0;
    bool has_losses = false;
  };
  struct Record {
    std::shared_ptr<Sent> of;
    std::string value;
    schema::Instant time;
  };

  void first_arrives();

  event_log::SideTopic& topic_;
  const Faults faults_;
  std::deque<Record> on_its_way_;
};

}  // namespace boxoffice::simulation
