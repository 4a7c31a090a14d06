#include "commands/domain/partition.hpp"

#include <concepts>
#include <queue>
#include <variant>

#include "commands/domain/claims.hpp"
#include "commands/domain/partition_state.hpp"
#include "events-schema/occasion_steps.hpp"

namespace boxoffice::domain {
namespace {

using schema::OccasionId;
using schema::OccasionTag;

template <class T>
concept AboutKeys = std::same_as<T, schema::CreateKey> || std::same_as<T, schema::DeleteKey> ||
    std::same_as<T, schema::RecordKeyUse> || std::same_as<T, schema::OpenSealedData>;

/// A refusal has a member that says why.
template <class T>
concept Refusal = requires(const T& event) {
  event.refusal;
};

template <class T>
concept OneOfThePartition =
    std::same_as<T, schema::LogAdopted> || std::same_as<T, schema::CommandsSkipped>;

/// Changes an occasion, and sees to its timers.
template <class Change>
void change(PartitionState& state, const SubjectId& subject, Change change) {
  Occasion& occasion = state.to_change(subject.as<OccasionTag>());
  change(occasion);
  state.rearm(occasion);
}

/// Held claims that are due, over several occasions, the earliest first; nothing is taken out.
class DueClaims {
 public:
  DueClaims(const PartitionState& state, schema::Instant now, std::size_t limit) : now_(now) {
    // No more occasions than there are events to come can have one of the earliest.
    for (auto due = state.due().begin(); due != state.due().end() && limit > 0; ++due, --limit)
      consider(*state.occasion(due->occasion), 0);
  }

  struct Entry {
    const Occasion* occasion;
    const Claim* claim;
    std::size_t position;  ///< in the occasion's expiry queue, a heap

    bool operator<(const Entry& other) const { return expires_before(*other.claim, *claim); }
  };

  std::optional<Entry> next() {
    if (frontier_.empty()) return std::nullopt;
    const Entry first = frontier_.top();
    frontier_.pop();
    for (std::size_t child = 0; child < 4; ++child)
      consider(*first.occasion, ExpiryQueue::first_child(first.position) + child);
    return first;
  }

 private:
  void consider(const Occasion& occasion, std::size_t position) {
    const Claim* claim = occasion.claims.expiring(position);
    if (claim != nullptr && claim->is_due(now_)) frontier_.push({&occasion, claim, position});
  }

  schema::Instant now_;
  std::priority_queue<Entry> frontier_;
};

}  // namespace

Decision decide(const PartitionState& state, const SubjectId& subject,
                const schema::Command& command, schema::Instant deadline, schema::Instant now) {
  const Asked asked{.subject = subject, .deadline = deadline, .now = now};
  return std::visit(
      [&]<class T>(const T& asked_for) {
        if constexpr (AboutKeys<T>)
          return decide(state.keys(), asked_for, asked);
        else
          return decide(state.occasion(subject.as<OccasionTag>()), asked_for, asked);
      },
      command);
}

void prefetch(const PartitionState& state, const SubjectId& subject,
              const schema::Command& command) {
  const auto* claim = std::get_if<schema::ClaimTicket>(&command);
  if (claim == nullptr) return;
  if (const Occasion* occasion = state.occasion(subject.as<OccasionTag>()))
    occasion->claims.prefetch(claim->claim, claim->person, IpTag::of(claim->ip));
}

void evolve(PartitionState& state, const SubjectId& subject, const schema::Event& event,
            schema::Sequence sequence, schema::Instant) {
  using namespace schema;
  const auto about_occasion = [&](auto fold) { change(state, subject, fold); };
  std::visit(Overloaded{
                 [&](const OccasionCreated& e) {
                   evolve(state.make(subject.as<OccasionTag>()), e, sequence, state.freezer());
                 },
                 [&](const OccasionStepped auto& e) {
                   about_occasion([&](Occasion& occasion) { evolve(occasion, e, sequence); });
                 },
                 [&](const OccasionChanged& e) {
                   about_occasion(
                       [&](Occasion& occasion) { evolve(occasion, e, sequence, state.freezer()); });
                 },
                 [&](const TicketClaimed& e) {
                   about_occasion([&](Occasion& occasion) { evolve(occasion, e, sequence); });
                 },
                 [&](const ClaimConfirmed& e) {
                   about_occasion([&](Occasion& occasion) { evolve(occasion, e); });
                 },
                 [&](const ClaimReleased& e) {
                   about_occasion([&](Occasion& occasion) { evolve(occasion, e); });
                 },
                 [&](const ClaimExpired& e) {
                   about_occasion([&](Occasion& occasion) { evolve(occasion, e); });
                 },
                 [&](const KeyCreated&) {
                   state.keys_to_change().insert_or_assign(subject.as<KeyTag>(), KeyState::works);
                 },
                 [&](const KeyDeleted&) {
                   state.keys_to_change().insert_or_assign(subject.as<KeyTag>(), KeyState::ended);
                 },
                 [](const KeyUsed&) {},
                 [](const SealedDataOpened&) {},
                 [](const OneOfThePartition auto&) {},  // no state
                 []<Refusal T>(const T&) {},
             },
             event);
}

std::optional<schema::Instant> next_due(const PartitionState& state) {
  if (state.due().empty()) return std::nullopt;
  return state.due().begin()->at;
}

Decision settle_due(const PartitionState& state, schema::Instant now, std::size_t limit) {
  Decision decision;
  for (DueClaims due(state, now, limit); decision.size() < limit;) {
    const auto next = due.next();
    if (!next) break;
    decision.push_back(expire(*next->occasion, *next->claim));
  }
  return decision;
}

bool is_refusal(const schema::Event& event) {
  return std::visit([]<class T>(const T&) { return Refusal<T>; }, event);
}

bool is_of_the_partition(const schema::Event& event) {
  return std::visit([]<class T>(const T&) { return OneOfThePartition<T>; }, event);
}

bool is_too_late(const schema::Event& event) {
  return std::visit(
      []<class T>(const T& e) {
        if constexpr (Refusal<T>)
          return e.refusal == decltype(e.refusal)::too_late;
        else
          return false;
      },
      event);
}

}  // namespace boxoffice::domain
