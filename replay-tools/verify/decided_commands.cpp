#include "replay-tools/verify/decided_commands.hpp"

#include <algorithm>
#include <utility>

namespace boxoffice::replay {
namespace {

constexpr schema::Milliseconds kMarkEvery = std::chrono::minutes(1);

std::uint64_t short_id(const schema::CommandId& id) { return schema::IdHash{}(id); }

}  // namespace

std::optional<schema::Sequence> DecidedCommands::find(const schema::CommandId& id) const {
  const Entry& entry = table_[place_of(short_id(id))];
  if (entry.sequence == 0) return std::nullopt;
  return schema::Sequence{entry.sequence};
}

void DecidedCommands::add(const schema::CommandId& id, schema::Sequence sequence,
                          schema::Instant time) {
  if (2 * (used_ + 1) > table_.size()) make_room(time);
  if (marks_.empty() || time - marks_.back().time >= kMarkEvery) marks_.push_back({time, sequence});
  Entry& entry = table_[place_of(short_id(id))];
  if (entry.sequence == 0) ++used_;
  entry = {short_id(id), sequence.value};
}

void DecidedCommands::prefetch(const schema::CommandId& id) const {
  __builtin_prefetch(&table_[home(short_id(id))]);
}

std::size_t DecidedCommands::home(std::uint64_t id) const {
  return (id * 0x9e37'79b9'7f4a'7c15u >> 20) & (table_.size() - 1);
}

std::size_t DecidedCommands::place_of(std::uint64_t id) const {
  std::size_t at = home(id);
  while (table_[at].sequence != 0 && table_[at].id != id) at = (at + 1) & (table_.size() - 1);
  return at;
}

/// Forgets what lies before the window; doubles the table where that is not enough.
void DecidedCommands::make_room(schema::Instant now) {
  const auto first_kept = std::ranges::find_if(
      marks_, [&](const Mark& mark) { return mark.time + kMarkEvery + window_ > now; });
  const std::uint64_t horizon = first_kept == marks_.end() ? 0 : first_kept->sequence.value;
  marks_.erase(marks_.begin(), first_kept);

  const auto is_kept = [&](const Entry& entry) {
    return entry.sequence != 0 && entry.sequence >= horizon;
  };
  const auto kept = static_cast<std::size_t>(std::ranges::count_if(table_, is_kept));
  const Table old =
      std::exchange(table_, Table(4 * kept > table_.size() ? 2 * table_.size() : table_.size()));
  for (const Entry& entry : old)
    if (is_kept(entry)) table_[place_of(entry.id)] = entry;
  used_ = kept;
}

}  // namespace boxoffice::replay
