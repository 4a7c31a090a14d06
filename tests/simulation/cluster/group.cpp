#include "tests/simulation/cluster/group.hpp"

#include <iterator>

namespace boxoffice::simulation {

Group::Group(std::uint16_t partitions, std::uint64_t session_ticks)
    : session_ticks_(session_ticks), owners_(partitions) {}

Group::Member Group::join() {
  members_[++last_member_] = tick_;
  return last_member_;
}

void Group::leave(Member member) {
  members_.erase(member);
  for (std::uint16_t i = 0; i < owners_.size(); ++i)
    if (owners_[i] == member) own({i}, std::nullopt);
}

void Group::expel_one(std::uint64_t which) {
  if (members_.empty()) return;
  leave(std::next(members_.begin(), static_cast<std::ptrdiff_t>(which % members_.size()))->first);
}

std::optional<Group::Partitions> Group::hear(Member member, const Partitions& has) {
  const auto known = members_.find(member);
  if (known == members_.end()) return std::nullopt;
  known->second = tick_;
  const auto shares = this->shares();
  Partitions should_have;
  for (std::uint16_t i = 0; i < owners_.size(); ++i) {
    const bool is_its = shares[i] == member;
    if (owners_[i] == member && !is_its && !has.contains({i})) own({i}, std::nullopt);
    if (!owners_[i] && is_its) own({i}, member);
    if (owners_[i] == member && is_its) should_have.insert({i});
  }
  return should_have;
}

bool Group::takes_offset(Member member, schema::Partition partition) const {
  return owners_[partition.value] == member;
}

void Group::tick() {
  ++tick_;
  std::vector<Member> silent;
  for (const auto& [member, heard] : members_)
    if (tick_ - heard > session_ticks_) silent.push_back(member);
  for (const Member member : silent) leave(member);
}

std::optional<Group::Moment> Group::last_owned(Member member, schema::Partition partition) const {
  if (owners_[partition.value] == member) return now_;
  const auto found = owned_until_.find({member, partition});
  return found == owned_until_.end() ? std::nullopt : std::optional(found->second);
}

/// In turn, in the order of joining.
std::vector<std::optional<Group::Member>> Group::shares() const {
  std::vector<std::optional<Member>> shares(owners_.size());
  if (members_.empty()) return shares;
  auto next = members_.begin();
  for (auto& share : shares) {
    share = next->first;
    if (++next == members_.end()) next = members_.begin();
  }
  return shares;
}

void Group::own(schema::Partition partition, std::optional<Member> member) {
  auto& owner = owners_[partition.value];
  if (owner) owned_until_[{*owner, partition}] = now_;
  ++now_;
  owner = member;
}

}  // namespace boxoffice::simulation
