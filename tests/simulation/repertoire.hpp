#pragma once

#include <map>
#include <string>
#include <vector>

#include "commands/processor/submission.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/random.hpp"

namespace boxoffice::simulation {

/// Something to be asked for.
struct Wish {
  domain::SubjectId subject;
  schema::Command command;
  std::string actor = "anonymous";
};

/// What people, organizers and services ask for. It knows what they have been answered so far, and
/// is often wrong about the rest.
class Repertoire {
 public:
  Repertoire(const Plan& plan, Random& random) : plan_(plan), random_(random) {}

  /// Making the occasion of that number.
  Wish creation(std::uint64_t occasion) const;
  Wish opening(std::uint64_t occasion) const;
  /// Anything, by the command whose id is `name`: what it makes is called so, too.
  Wish anything(const schema::CommandId& name);
  /// What came of a command.
  void hear(const processor::Outcome& outcome);

 private:
  struct Seen {
    schema::Sequence last_event;
    schema::OccasionDetails details;
  };
  struct Claim {
    domain::SubjectId occasion;
    schema::ClaimId id;
  };

  Wish claim(const schema::CommandId& name);
  Wish about_a_claim();
  Wish about_a_key(const schema::CommandId& name);
  Wish organizing();
  schema::OccasionChange change(const schema::OccasionDetails& seen);
  std::vector<schema::Pool> other_pools(std::vector<schema::Pool> pools);
  schema::ClaimsChange other_claims();
  domain::SubjectId some_occasion();
  std::optional<schema::Sequence> condition(const domain::SubjectId& occasion);

  const Plan& plan_;
  Random& random_;
  std::vector<Claim> claims_;
  std::vector<schema::KeyId> keys_;
  std::map<std::string, Seen> seen_;  // occasions, by subject
};

}  // namespace boxoffice::simulation
