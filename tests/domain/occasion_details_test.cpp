// What is wrong with an occasion's details, before anything is decided.

#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

std::string pointer_to_problem(const schema::OccasionDetails& details) {
  const auto problem = problem_of(details);
  return problem ? problem->pointer : "none";
}

TEST(OccasionDetails, WithDefaultsHaveNoProblem) {
  EXPECT_EQ(pointer_to_problem(seats(200)), "none");
}

TEST(OccasionDetails, NameEachPoolOnce) {
  EXPECT_EQ(pointer_to_problem(seats({{"a", 1}, {"b", 1}, {"a", 1}})), "/pools/2/name");
}

TEST(OccasionDetails, LeaveACodeForEachTicketOfAllPools) {
  auto details = seats({{"a", 13}, {"b", 13}});
  details.codes.length = 1;
  EXPECT_EQ(pointer_to_problem(details), "none");
  details.pools[1].capacity = 14;
  EXPECT_EQ(pointer_to_problem(details), "/codes/length");
  details.codes.length = 32;
  details.pools = {{"huge", 50'000'000}};
  EXPECT_EQ(pointer_to_problem(details), "none");
}

TEST(OccasionDetails, HaveEachCharacterOfTheAlphabetOnceAndNoBlanks) {
  auto details = seats(2);
  for (const char* alphabet : {"ABCA", "AÄBÄ", "A B", "A\tB"}) {
    details.codes.alphabet = alphabet;
    EXPECT_EQ(pointer_to_problem(details), "/codes/alphabet") << alphabet;
  }
  details.codes.alphabet = "AaÄäÖ";  // some of these share bytes
  EXPECT_EQ(pointer_to_problem(details), "none");
}

TEST(OccasionDetails, OpenAdmissionBeforeTheyCloseIt) {
  auto details = seats(2);
  details.admission.opens_at = noon;
  details.admission.closes_at = noon - 1ms;
  EXPECT_EQ(pointer_to_problem(details), "/admission/closes_at");
  details.admission.closes_at = noon;
  EXPECT_EQ(pointer_to_problem(details), "none");
}

TEST(OccasionDetails, CannotAskForVerifiedAddressesYet) {
  auto details = seats(2);
  details.claims->verify_email = true;
  EXPECT_EQ(pointer_to_problem(details), "/claims/verify_email");
}

TEST(CodeLength, IsTheShortestOfThreeOrMoreWithTenCodesATicket) {
  EXPECT_EQ(default_code_length(26, 1), 3);
  EXPECT_EQ(default_code_length(26, 1757), 3);  // 26^3 = 17,576
  EXPECT_EQ(default_code_length(26, 1758), 4);
  EXPECT_EQ(default_code_length(2, 100), 10);
  EXPECT_EQ(default_code_length(2, 64 * 50'000'000ULL), 32);
}

TEST(CodeLength, CountsCharactersNotBytes) { EXPECT_EQ(letters_of("AÄ€"), 3U); }

TEST(MergePatch, TellsNullFromAbsent) {
  auto details = seats(2);
  details.requests = default_requests();
  details.requests->public_source = "drand";
  details.admission.opens_at = noon;
  EXPECT_EQ(merged(details, {}), details);
  const auto changed = merged(
      details, {.requests = schema::RequestsChange{.public_source = std::optional<std::string>()},
                .admission = schema::AdmissionChange{.opens_at = std::optional<Instant>()}});
  EXPECT_EQ(changed.requests, default_requests());
  EXPECT_EQ(changed.admission, default_admission());
}

}  // namespace
}  // namespace boxoffice::domain::tests
