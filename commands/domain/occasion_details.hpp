#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "events-schema/generated.hpp"

/// What an organizer decides about an occasion: its defaults, what is wrong with it, and how it is
/// changed. Pure, and for the gateway as well as for deciding.
namespace boxoffice::domain {

schema::ClaimsPolicy default_claims();
schema::RequestsPolicy default_requests();
std::string default_alphabet();
schema::TotpPolicy default_totp();
schema::AdmissionPolicy default_admission();

/// The shortest length of three or more that leaves ten codes for each ticket; at most 32.
/// REQUIRES: `letters >= 2`.
std::int64_t default_code_length(std::size_t letters, std::uint64_t capacity);

/// How many characters an alphabet has: code points, not bytes.
std::size_t letters_of(const std::string& alphabet);

std::uint64_t total_capacity(const std::vector<schema::Pool>& pools);

/// Why details will not do, though each of their fields has a form that the schema allows.
struct DetailsProblem {
  std::string pointer;              ///< RFC 6901, of the field concerned
  std::string detail;               ///< a sentence for a person
  schema::OccasionRefusal refusal;  ///< what it is when only deciding finds it
};
std::optional<DetailsProblem> problem_of(const schema::OccasionDetails& details);

/// The details after a merge patch (RFC 7396). A way in that was off starts from the defaults; null
/// switches it off.
schema::OccasionDetails merged(schema::OccasionDetails details,
                               const schema::OccasionChange& change);

}  // namespace boxoffice::domain
