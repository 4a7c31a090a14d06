#include "commands/domain/occasion_details.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace boxoffice::domain {
namespace {

using schema::OccasionRefusal;

constexpr std::int64_t kCodeLengthMax = 32;  ///< the schema's

/// How many codes there are, or more than any capacity where that does not fit.
std::uint64_t code_space(std::size_t letters, std::int64_t length) {
  constexpr std::uint64_t kMore = std::uint64_t{1} << 40;
  std::uint64_t space = 1;
  for (std::int64_t i = 0; i < length && space < kMore; ++i) space *= letters;
  return space;
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < text.size() && !begins_character(text[length])) ++length;
    characters.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return characters;
}

bool is_blank(std::string_view character) {
  return character.size() == 1 && (character[0] <= ' ' || character[0] == '\x7f');
}

std::optional<DetailsProblem> problem_of_pools(const std::vector<schema::Pool>& pools) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < pools.size(); ++i)
    if (!names.insert(pools[i].name).second)
      return DetailsProblem{"/pools/" + std::to_string(i) + "/name",
                            "another pool has this name already; give each a name of its own",
                            OccasionRefusal::does_not_fit};
  return std::nullopt;
}

std::optional<DetailsProblem> problem_of_codes(const schema::OccasionDetails& details) {
  std::vector<std::string_view> letters = characters_of(details.codes.alphabet);
  if (std::ranges::any_of(letters, is_blank))
    return DetailsProblem{"/codes/alphabet", "a code cannot be read if it holds blanks",
                          OccasionRefusal::does_not_fit};
  std::ranges::sort(letters);
  if (std::ranges::adjacent_find(letters) != letters.end())
    return DetailsProblem{"/codes/alphabet", "each character may stand in it once",
                          OccasionRefusal::does_not_fit};
  const std::uint64_t capacity = total_capacity(details.pools);
  if (code_space(letters.size(), details.codes.length) < capacity)
    return DetailsProblem{"/codes/length",
                          "too short for " + std::to_string(capacity) + " tickets; " +
                              std::to_string(default_code_length(
                                  std::max<std::size_t>(letters.size(), 2), capacity)) +
                              " would do",
                          OccasionRefusal::codes_exhausted};
  return std::nullopt;
}

/// Takes over what the patch has.
template <class T>
void assign(T& field, const std::optional<T>& change) {
  if (change) field = *change;
}

void merge(schema::ClaimsPolicy& policy, const schema::ClaimsChange& change) {
  assign(policy.ttl_ms, change.ttl_ms);
  assign(policy.on_expiry, change.on_expiry);
  assign(policy.one_per_email, change.one_per_email);
  assign(policy.one_per_ip, change.one_per_ip);
  assign(policy.verify_email, change.verify_email);
}

void merge(schema::RequestsPolicy& policy, const schema::RequestsChange& change) {
  assign(policy.largest, change.largest);
  assign(policy.offer_ttl_ms, change.offer_ttl_ms);
  assign(policy.public_source, change.public_source);
  assign(policy.unfinalize_window_ms, change.unfinalize_window_ms);
}

void merge(schema::CodesPolicy& policy, const schema::CodesChange& change) {
  assign(policy.length, change.length);
  assign(policy.alphabet, change.alphabet);
}

void merge(schema::TotpPolicy& policy, const schema::TotpChange& change) {
  assign(policy.algorithm, change.algorithm);
  assign(policy.digits, change.digits);
  assign(policy.period_s, change.period_s);
  assign(policy.window, change.window);
}

void merge(schema::AdmissionPolicy& policy, const schema::AdmissionChange& change) {
  assign(policy.reentry, change.reentry);
  assign(policy.opens_at, change.opens_at);
  assign(policy.closes_at, change.closes_at);
  assign(policy.undo_window_ms, change.undo_window_ms);
}

template <class Policy, class Change>
void merge_way_in(std::optional<Policy>& policy, const std::optional<std::optional<Change>>& change,
                  Policy (*defaults)()) {
  if (!change) return;
  if (!*change) {
    policy.reset();
    return;
  }
  if (!policy) policy = defaults();
  merge(*policy, **change);
}

}  // namespace

schema::ClaimsPolicy default_claims() {
  return {.ttl_ms = 300'000,
          .on_expiry = schema::OnExpiry::return_,
          .one_per_email = true,
          .one_per_ip = true,
          .verify_email = false};
}

schema::RequestsPolicy default_requests() {
  return {.largest = 6,
          .offer_ttl_ms = 86'400'000,
          .public_source = std::nullopt,
          .unfinalize_window_ms = 86'400'000};
}

std::string default_alphabet() { return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"; }

schema::TotpPolicy default_totp() {
  return {.algorithm = schema::TotpAlgorithm::SHA1, .digits = 6, .period_s = 30, .window = 1};
}

schema::AdmissionPolicy default_admission() {
  return {.reentry = false,
          .opens_at = std::nullopt,
          .closes_at = std::nullopt,
          .undo_window_ms = 900'000};
}

std::int64_t default_code_length(std::size_t letters, std::uint64_t capacity) {
  std::int64_t length = 3;
  while (length < kCodeLengthMax && code_space(letters, length) < capacity * 10) ++length;
  return length;
}

std::size_t letters_of(const std::string& alphabet) {
  return static_cast<std::size_t>(std::ranges::count_if(alphabet, begins_character));
}

std::uint64_t total_capacity(const std::vector<schema::Pool>& pools) {
  std::uint64_t total = 0;
  for (const schema::Pool& pool : pools) total += static_cast<std::uint64_t>(pool.capacity);
  return total;
}

std::optional<DetailsProblem> problem_of(const schema::OccasionDetails& details) {
  if (auto problem = problem_of_pools(details.pools)) return problem;
  if (details.claims && details.claims->verify_email)
    return DetailsProblem{"/claims/verify_email",
                          "verifying addresses is not supported yet; leave it false",
                          OccasionRefusal::does_not_fit};
  if (auto problem = problem_of_codes(details)) return problem;
  const schema::AdmissionPolicy& admission = details.admission;
  if (admission.opens_at && admission.closes_at && *admission.closes_at < *admission.opens_at)
    return DetailsProblem{"/admission/closes_at", "admission cannot close before it opens",
                          OccasionRefusal::does_not_fit};
  return std::nullopt;
}

schema::OccasionDetails merged(schema::OccasionDetails details,
                               const schema::OccasionChange& change) {
  assign(details.name, change.name);
  assign(details.starts_at, change.starts_at);
  assign(details.time_zone, change.time_zone);
  assign(details.venue, change.venue);
  assign(details.notes, change.notes);
  assign(details.pools, change.pools);
  merge_way_in(details.claims, change.claims, default_claims);
  merge_way_in(details.requests, change.requests, default_requests);
  if (change.codes) merge(details.codes, *change.codes);
  if (change.totp) merge(details.totp, *change.totp);
  if (change.admission) merge(details.admission, *change.admission);
  return details;
}

}  // namespace boxoffice::domain
