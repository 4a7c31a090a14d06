#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "event-log/log.hpp"
#include "replay-tools/verify/decided_commands.hpp"
#include "replay-tools/verify/look.hpp"
#include "replay-tools/verify/occasion_rules.hpp"
#include "replay-tools/verify/verify.hpp"

namespace boxoffice::replay {

/// The rules of one partition, in the order of its events. Not thread-safe.
class PartitionJudge {
 public:
  PartitionJudge(event_log::Log& log, schema::Partition partition, const VerifySettings& settings,
                 Report& report);

  void judge(const SeenEvent& seen);
  /// The event will be judged soon: what it will need is far away in memory.
  void prefetch(const SeenEvent& seen) const;
  /// Nothing that follows can be read; it is not judged.
  void break_off(const std::string& why);
  bool is_broken_off() const { return broken_off_; }
  /// After the last event: counts, and whether the log's `end` was reached.
  void finish(schema::Sequence end);

 private:
  void judge_order(const SeenEvent& seen);
  void judge_place(const SeenEvent& seen);
  void judge_cause(const SeenEvent& seen);
  void judge_mark(const SeenEvent& seen);
  void judge_skipped(const SeenEvent& seen, const schema::CommandsSkipped& skipped);
  void judge_decided_once(const SeenEvent& seen, const schema::CommandIdentity& command);
  bool was_decided_at(schema::Sequence at, const schema::CommandId& id, schema::Instant now);
  void judge_meaning(const SeenEvent& seen);
  void judge_key(const SeenEvent& seen);
  /// nullptr: that is no id of an occasion.
  OccasionRules* occasion(const std::string& id);

  event_log::Log& log_;
  const schema::Partition partition_;
  const schema::Milliseconds key_window_;
  const std::string source_;
  Report& report_;
  bool broken_off_ = false;

  schema::Sequence last_;
  std::optional<schema::Digest> last_hash_;
  schema::Instant last_time_ = schema::Instant::min();
  std::string last_subject_;  ///< found to belong here
  DecidedCommands decided_;
  // How far their topic has been decided; nullopt: no event says so.
  std::optional<std::uint64_t> decided_through_;
  std::string decided_log_;
  schema::CommandId decided_command_{};
  schema::Reader reader_;
  std::unordered_map<schema::OccasionId, OccasionRules, schema::IdHash> occasions_;
  OccasionRules* last_occasion_ = nullptr;
  std::string last_occasion_text_;
  std::unordered_set<schema::KeyId, schema::IdHash> keys_;
  std::unordered_set<schema::KeyId, schema::IdHash> ended_keys_;
};

}  // namespace boxoffice::replay
