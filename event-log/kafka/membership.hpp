#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::event_log {

/// A process's part in sharing out the partitions among all that decide: a member of a consumer
/// group, which is used for nothing else.
///
/// The group does not fence. A member that was stopped and wakes up believes for a moment that it
/// still has its partitions, so whoever takes one over asks `prove` first: or it would fence the
/// rightful owner, who would fence it in turn.
class KafkaMembership {
 public:
  /// Called on a thread of the membership's, one at a time.
  struct Calls {
    /// From now on these are this process's, too. Must return within seconds.
    std::function<void(const std::vector<Partition>&)> assigned;
    /// When it returns, nothing is decided of them any more: then another gets them.
    std::function<void(const std::vector<Partition>&)> revoked;
  };

  /// `group` is the same for all that share the partitions. A member that is silent for
  /// `session_timeout` loses its own; brokers have bounds for it. The topics must be there.
  [[nodiscard]] static Result<std::unique_ptr<KafkaMembership>> join(
      const KafkaSettings& settings, const std::string& group,
      std::chrono::milliseconds session_timeout, Calls calls);
  ~KafkaMembership();  ///< leaves

  /// Gives up all partitions, in good order, and leaves at once. Not thread-safe; may be called
  /// more than once.
  void leave();

  /// Whether the group's coordinator takes this process for a member as of its latest sharing out:
  /// it takes an offset from nobody else, though of any partition. Whose the partition is follows
  /// from that, for nobody is given one before `revoked` has returned where it was. `next` is what
  /// the coordinator is told: the command that is decided next; nullopt: what it was told last.
  /// Thread-safe.
  [[nodiscard]] Result<void> prove(Partition partition, std::optional<std::uint64_t> next) const;

  /// Which command is decided next, for the tools that show the group's lag; nothing else reads it.
  /// Does not wait; what gets lost is for the next time. Thread-safe.
  void tell(const std::map<Partition, std::uint64_t>& next) const;

  /// Whether the group has shared partitions out with this process, be it that it got none, and has
  /// not cut it off since. Thread-safe.
  bool is_member() const;

  /// Why the group could not be joined, or not be heard of, lately; nullopt: all is well.
  /// Thread-safe.
  std::optional<std::string> trouble() const;

 private:
  struct Impl;
  explicit KafkaMembership(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::event_log
