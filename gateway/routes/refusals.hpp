#pragma once

#include <optional>
#include <string>

#include "events-schema/codec.hpp"
#include "gateway/http/problem.hpp"

namespace boxoffice::gateway {

/// What an event that refuses says to who asked.
struct Refusal {
  std::string_view name;
  std::optional<schema::Instant> try_again_at;
  std::optional<schema::ClaimRule> rule;
  std::optional<std::string> field;  ///< RFC 6901; nullopt where no field is to blame
};

/// nullopt: the event grants.
std::optional<Refusal> refusal_of(const schema::Event& event);

http::Problem problem_of(const Refusal& refusal);

}  // namespace boxoffice::gateway
