// What may happen to an occasion itself. Its claims are in claim_rules.cpp.

#include "replay-tools/verify/occasion_rules.hpp"

#include <algorithm>
#include <string>

namespace boxoffice::replay {
namespace {

using schema::OccasionRefusal;
using schema::OccasionState;
using schema::OccasionStep;

std::string text(std::string_view view) { return std::string(view); }

OccasionState state_after(OccasionStep step) {
  switch (step) {
    case OccasionStep::open:
      return OccasionState::open;
    case OccasionStep::close:
      return OccasionState::closed;
    case OccasionStep::cancel:
      break;
  }
  return OccasionState::cancelled;
}

bool may_step(OccasionState from, OccasionStep step) {
  switch (step) {
    case OccasionStep::open:
      return from == OccasionState::draft || from == OccasionState::closed;
    case OccasionStep::close:
      return from == OccasionState::open;
    case OccasionStep::cancel:
      return from != OccasionState::cancelled;
  }
  return false;
}

bool keeps_pools(const std::vector<schema::Pool>& present,
                 const std::vector<schema::Pool>& wanted) {
  return wanted.size() >= present.size() &&
         std::ranges::equal(present, std::span(wanted).first(present.size()), {},
                            &schema::Pool::name, &schema::Pool::name);
}

bool shrinks_below_committed(const std::vector<PoolBook>& pools,
                             const std::vector<schema::Pool>& wanted) {
  for (std::size_t i = 0; i < std::min(pools.size(), wanted.size()); ++i)
    if (static_cast<std::uint64_t>(wanted[i].capacity) < pools[i].committed()) return true;
  return false;
}

}  // namespace

void PoolBook::take(std::uint32_t number) {
  if (number >= taken.size()) taken.resize(std::max<std::size_t>(number + 1, 2 * taken.size()));
  taken[number] = true;
}

void OccasionRules::judge(const Told& told, const schema::Event& event) {
  std::visit([&](const auto& alternative) { judge_one(told, alternative); }, event);
}

void OccasionRules::add_to(Counts& counts) const {
  if (exists_) ++counts.occasions;
  for (const PoolBook& pool : pools_) {
    counts.held += pool.claimed;
    counts.issued += pool.issued;
    counts.burned += pool.burned;
  }
}

void OccasionRules::judge_one(const Told& told, const schema::OccasionCreated& event) {
  if (exists_) violated(told, rule::kOccasion, "the occasion was made before");
  if (event.state != OccasionState::draft)
    violated(told, rule::kOccasion, "an occasion begins as " + text(to_text(event.state)));
  adopt(told, event.details, event.state);
}

void OccasionRules::judge_step(const Told& told, schema::OccasionStep step,
                               std::optional<schema::Sequence> if_match,
                               const schema::OccasionDetails& details, OccasionState state) {
  expect_match(told, if_match);
  if (!exists_)
    violated(told, rule::kOccasion, "there is no such occasion");
  else if (!may_step(state_, step))
    violated(told, rule::kOccasion,
             text(to_text(step)) + " is no step out of the state " + text(to_text(state_)));
  if (state != state_after(step))
    violated(told, rule::kOccasion,
             text(to_text(step)) + " does not lead to " + text(to_text(state)));
  if (exists_ && details != details_)
    violated(told, rule::kOccasion, "a step changed the occasion's details");
  adopt(told, details, state);
}

void OccasionRules::judge_one(const Told& told, const schema::OccasionChanged& event) {
  expect_match(told, event.if_match);
  if (!exists_)
    violated(told, rule::kOccasion, "there is no such occasion");
  else if (state_ == OccasionState::cancelled || state_ == OccasionState::finalized)
    violated(told, rule::kOccasion, "it was changed in the state " + text(to_text(state_)));
  if (exists_ && event.state != state_)
    violated(told, rule::kOccasion, "a change of details changed the state");
  if (!keeps_pools(details_.pools, event.details.pools))
    violated(told, rule::kOccasion, "a pool was renamed or removed");
  if (shrinks_below_committed(pools_, event.details.pools))
    violated(told, rule::kCounts, "a pool has fewer tickets than are claimed, issued and burned");
  adopt(told, event.details, event.state);
}

void OccasionRules::expect_match(const Told& told,
                                 const std::optional<schema::Sequence>& if_match) {
  if (if_match && *if_match != last_event_)
    violated(told, rule::kOccasion,
             "it was granted though If-Match named " + std::to_string(if_match->value) +
                 " and the occasion's last event was " + std::to_string(last_event_.value));
}

void OccasionRules::adopt(const Told& told, const schema::OccasionDetails& details,
                          OccasionState state) {
  exists_ = true;
  state_ = state;
  details_ = details;
  last_event_ = told.position.sequence;
  pools_.resize(std::max(pools_.size(), details.pools.size()));
  for (std::size_t i = 0; i < details.pools.size(); ++i)
    pools_[i].capacity = static_cast<std::uint32_t>(details.pools[i].capacity);
}

void OccasionRules::judge_one(const Told& told, const schema::OccasionCreationRefused& event) {
  // That no code space is large enough follows from the details alone; there is nothing to hold it
  // against.
  const bool may_be = event.refusal == OccasionRefusal::too_late ||
                      event.refusal == OccasionRefusal::codes_exhausted ||
                      event.refusal == OccasionRefusal::does_not_fit ||
                      (event.refusal == OccasionRefusal::already_made && exists_);
  if (!may_be) violated(told, rule::kRefusal, "it was not " + text(to_text(event.refusal)));
}

void OccasionRules::judge_one(const Told& told, const schema::OccasionStepRefused& event) {
  if (!is_true(event.refusal, event.if_match, nullptr))
    violated(told, rule::kRefusal, "it was not " + text(to_text(event.refusal)));
}

void OccasionRules::judge_one(const Told& told, const schema::OccasionChangeRefused& event) {
  if (!is_true(event.refusal, event.if_match, &event.change))
    violated(told, rule::kRefusal, "it was not " + text(to_text(event.refusal)));
}

bool OccasionRules::is_true(OccasionRefusal refusal,
                            const std::optional<schema::Sequence>& if_match,
                            const schema::OccasionChange* change) const {
  switch (refusal) {
    case OccasionRefusal::unknown_occasion:
      return !exists_;
    case OccasionRefusal::precondition_failed:
      return exists_ && if_match && *if_match != last_event_;
    case OccasionRefusal::cancelled:
      return exists_ && state_ == OccasionState::cancelled;
    case OccasionRefusal::already_open:
      return exists_ && state_ == OccasionState::open;
    case OccasionRefusal::not_open:
      return exists_ && state_ == OccasionState::draft;
    case OccasionRefusal::already_closed:
      return exists_ && (state_ == OccasionState::closed || state_ == OccasionState::finalized);
    case OccasionRefusal::below_committed:
      return change && change->pools && shrinks_below_committed(pools_, *change->pools);
    case OccasionRefusal::pools_fixed:
      return change && change->pools && !keeps_pools(details_.pools, *change->pools);
    case OccasionRefusal::codes_exhausted:
    case OccasionRefusal::does_not_fit:
      return change != nullptr;
    case OccasionRefusal::already_made:
      return false;  // of a creation alone
    case OccasionRefusal::too_late:
      return true;  // the deadline is not on the log
  }
  return false;
}

}  // namespace boxoffice::replay
