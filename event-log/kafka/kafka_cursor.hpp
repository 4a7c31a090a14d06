#pragma once

#include "event-log/kafka/cluster.hpp"

namespace boxoffice::event_log::kafka {

/// Merges the lanes of a partition by always taking the head whose sequence is next.
class KafkaCursor final : public Cursor {
 public:
  /// `cluster` must outlive it, and so must `bell`, where one is lent that rings when more has
  /// come.
  KafkaCursor(Cluster& cluster, Position after, Bell* bell = nullptr)
      : cluster_(cluster),
        partition_(after.partition),
        lent_bell_(bell),
        next_(after.sequence.next()) {}

  [[nodiscard]] Result<std::span<const StoredEvent>> read(std::size_t bytes_max) override;

  /// What has come already; nothing is waited for once it was found where to begin. What does not
  /// come though later events are there is for others to judge, by `has_read` and the time.
  [[nodiscard]] Result<std::span<const StoredEvent>> read_at_hand(std::size_t bytes_max);

  /// Whether all before that offset of the lane was read.
  bool has_read(std::size_t lane, std::int64_t offset);

 private:
  /// One lane being read; the head's sequence is parsed once.
  struct Reading {
    Stream stream;
    std::optional<Sequence> head;
  };
  struct Open {
    std::shared_ptr<Reader> reader;
    Bell bell;
    std::vector<Reading> lanes;  // by lane; before the bell and the reader go
  };

  /// Finds out where, unless it was left there.
  Result<void> begin();
  Result<void> open(const Offsets& from);
  void close();
  Result<void> take_at_hand(std::size_t bytes_max);
  /// What was, or else why nothing was.
  Result<std::span<const StoredEvent>> taken(const Result<void>& done);
  /// Takes what has come and is next.
  Result<void> take(std::size_t bytes_max);
  Result<bool> take_next();
  /// Nothing that has come is next: waits until it comes, or is known to be missing or not there
  /// yet.
  Result<void> take_late(std::size_t bytes_max);
  Result<void> wait_for(const Offsets& ends, std::size_t bytes_max, Deadline deadline);
  Result<void> missing(bool is_pending) const;
  bool has_heads() const;
  void remember();
  Offsets offsets();
  Bell& bell() { return lent_bell_ ? *lent_bell_ : open_->bell; }

  Cluster& cluster_;
  const Partition partition_;
  Bell* const lent_bell_;
  Sequence next_;
  std::unique_ptr<Open> open_;
  std::optional<Offsets> left_at_;  // where an error made it stop
  std::size_t last_lane_ = 0;       // the next event often lies where the last one did
  bool saw_the_end_ = false;
  /// A lane may begin with events before the cursor's, for a transaction was open when they were
  /// looked for.
  std::optional<Sequence> begins_early_before_;

  std::string bytes_;
  std::vector<StoredEvent> events_;
  std::vector<std::size_t> begins_;  // of each event within `bytes_`
  std::vector<Places::Place> places_;
};

}  // namespace boxoffice::event_log::kafka
