#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "events-schema/values.hpp"

namespace boxoffice::simulation {

/// The coordinator of the group by which processors share partitions: what it takes to be so, which
/// its members learn late. It hands a partition on when the member that has it says that it gave it
/// up, or has not been heard of for a session; and knows nothing of fences.
class Group {
 public:
  using Member = std::uint64_t;
  using Partitions = std::set<schema::Partition>;

  Group(std::uint16_t partitions, std::uint64_t session_ticks);

  /// Whoever comes back after a crash or an expulsion is another member.
  Member join();
  void leave(Member member);
  /// Gives up some member as if it had not been heard of.
  void expel_one(std::uint64_t which);

  /// A member is heard of, and says what it has. Returns what it should have: what is more it gets
  /// at once, what is less it should give up. nullopt: it is none any more, and has nothing.
  std::optional<Partitions> hear(Member member, const Partitions& has);
  /// Whether the coordinator takes an offset of the partition from that member.
  bool takes_offset(Member member, schema::Partition partition) const;

  /// Some time passes.
  void tick();

  /// The last moment at which a member owned a partition; now, if it does; nullopt: never.
  using Moment = std::uint64_t;
  Moment now() const { return now_; }
  std::optional<Moment> last_owned(Member member, schema::Partition partition) const;

 private:
  std::vector<std::optional<Member>> shares() const;
  void own(schema::Partition partition, std::optional<Member> member);

  const std::uint64_t session_ticks_;
  std::uint64_t tick_ = 0;
  Moment now_ = 0;
  Member last_member_ = 0;
  std::map<Member, std::uint64_t> members_;    ///< and when they were heard of
  std::vector<std::optional<Member>> owners_;  ///< by partition
  std::map<std::pair<Member, schema::Partition>, Moment> owned_until_;
};

}  // namespace boxoffice::simulation
