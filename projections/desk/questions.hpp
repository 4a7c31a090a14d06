#pragma once

#include <string>
#include <variant>
#include <vector>

#include "projections/queries.hpp"

/// What may be asked of read models, wherever they are: questions as values, each with its answer.
/// One question is one round trip, so each says all that its answer depends on.
namespace boxoffice::projections {

/// What of a list is wanted: all of it, what is one occasion's, or what is of occasions that a key
/// has made.
using Scope = std::variant<std::monostate, schema::OccasionId, schema::KeyId>;

/// Nothing, but that positions are reached.
struct Arrival {
  using Answer = std::monostate;
};

struct OccasionById {
  schema::OccasionId id;
  using Answer = std::shared_ptr<const OccasionView>;
};

/// By id; those in one of `states` (empty: all).
struct OccasionList {
  std::vector<schema::OccasionState> states;
  Scope scope;
  std::string after;
  std::uint16_t limit = 0;
  using Answer = QueryResult<Page<std::shared_ptr<const OccasionView>>>;
};

struct AvailabilityById {
  schema::OccasionId id;
  using Answer = std::shared_ptr<const AvailabilityView>;
};

struct ClaimById {
  schema::OccasionId occasion;
  schema::ClaimId id;
  using Answer = QueryResult<std::optional<ClaimView>>;
};

/// A key, and the occasion that it is for.
struct KeyFound {
  std::shared_ptr<const KeyView> key;
  std::shared_ptr<const OccasionView> occasion;
};
struct KeyById {
  schema::KeyId id;
  using Answer = KeyFound;
};

/// By id. A scope that is not all has keys for occasions only.
struct KeyList {
  Scope scope;
  std::optional<schema::OccasionId> occasion;  ///< those for it alone
  std::string after;
  std::uint16_t limit = 0;
  using Answer = QueryResult<Page<std::shared_ptr<const KeyView>>>;
};

struct AuditTrail {
  AuditFilter filter;
  std::string after;
  std::uint16_t limit = 0;
  using Answer = QueryResult<Page<AuditItem>>;
};

/// Wrapped data keys, each in its place; nullopt: destroyed, or there never was one.
struct WrappedKeys {
  struct Name {
    Partition partition;
    std::string name;
  };
  std::vector<Name> names;
  using Answer = QueryResult<std::vector<std::optional<std::string>>>;
};

using Question = std::variant<Arrival, OccasionById, OccasionList, AvailabilityById, ClaimById,
                              KeyById, KeyList, AuditTrail, WrappedKeys>;

template <class>
struct AnswersOf;
template <class... Questions>
struct AnswersOf<std::variant<Questions...>> {
  using Type = std::variant<typename Questions::Answer...>;
};
/// In the order of the questions.
using Answer = AnswersOf<Question>::Type;

/// Whether it may read much, from a disk or over a network: nothing for a thread that others wait
/// for.
inline bool takes_long(const Question& question) {
  return std::holds_alternative<AuditTrail>(question) ||
         std::holds_alternative<WrappedKeys>(question);
}

}  // namespace boxoffice::projections
