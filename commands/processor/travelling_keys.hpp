#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "commands/processor/key_run.hpp"
#include "event-log/side_topic.hpp"

namespace boxoffice::processor {

/// A memory of one partition's keys whose next owner, on whatever machine, need not be shown the
/// window's events: what was bound and committed is sent to a topic beside the log, in runs without
/// a gap. What cannot be sent within bounds leaves a gap, from which on the next owner is shown the
/// events; what it is shown it sends.
///
/// Nothing here waits, but for `save`: a run is handed to the topic's own threads. A run of who has
/// lost the partition tells the truth as well.
class TravellingKeys final : public KeyMemory {
 public:
  /// Is told what is in the way, for an operator; on the owner's thread.
  using OnTrouble = std::function<void(const std::string&)>;

  struct Settings {
    std::size_t run_keys = 8192;  ///< so many are worth a run
    std::chrono::milliseconds run_interval = std::chrono::seconds(5);
    std::size_t record_keys_max = 20'000;
    std::size_t unsent_keys_max = 1u << 17;  ///< 4.5 MB
    /// Where the disk of this machine knows more than the topic, so many events are shown again,
    /// lest the topic keeps a gap.
    std::uint64_t shown_again_max = 200'000;
    std::chrono::milliseconds stop_patience{5'000};
  };

  /// `inner` and `topic` must outlive it.
  TravellingKeys(KeyMemory& inner, event_log::SideTopic& topic, schema::Partition partition,
                 std::string_view deployment, OnTrouble on_trouble, Settings settings);
  TravellingKeys(KeyMemory& inner, event_log::SideTopic& topic, schema::Partition partition,
                 std::string_view deployment, OnTrouble on_trouble);

  void restart() override;
  schema::Sequence known_through(schema::Partition partition) override;
  Gathered gather(const Wanted& wanted) override;
  void begin_after(schema::Position position, schema::Instant time) override;
  std::expected<std::optional<BoundKey>, std::string> find(const schema::CommandId& id) override;
  void prefetch(const schema::CommandId& id) const override;
  bool has_room(schema::Instant now) override;
  void remember(const BoundKey& key, schema::Instant decided) override;
  void committed(std::span<const schema::Position> through, schema::Instant now) override;
  void save(schema::Instant now) override;
  std::size_t size() const override;

 private:
  schema::Sequence sent_through();
  bool take(const KeyRun& run, const Wanted& wanted, Gathered& gathered);
  void send_unsent(std::chrono::milliseconds patience);
  void drop_unsent();
  void tell(const event_log::LogError& error);

  KeyMemory& inner_;
  event_log::SideTopic& topic_;
  const schema::Partition partition_;
  const std::string deployment_;
  const OnTrouble on_trouble_;
  const Settings settings_;
  const std::unique_ptr<event_log::SideTopic::Sending> sending_;

  KeyStretch unsent_;          ///< the events whose keys have not been sent
  std::string rows_;           ///< of these, and of those not committed yet
  std::size_t committed_ = 0;  ///< bytes of `rows_`
  bool begun_ = false;         ///< whether it is known what `rows_` continues
  bool sent_any_ = false;      ///< by `sending_`
  schema::Instant sent_at_{};  ///< the last time that a run was
};

}  // namespace boxoffice::processor
