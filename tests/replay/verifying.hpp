#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay-tools/verify/verify.hpp"
#include "tests/replay/story.hpp"

/// The vocabulary of the tests of verify.
namespace boxoffice::replay {

inline Report report_on(const Records& records, const VerifySettings& settings = {}) {
  const auto log = log_of(records);
  auto report = verify(*log, settings);
  EXPECT_TRUE(report) << report.error().message;
  return report ? std::move(*report) : Report{};
}

/// `sequence rule`, for the one partition that a story lives in.
inline std::vector<std::string> violations(const Records& records,
                                           const VerifySettings& settings = {}) {
  std::vector<std::string> found;
  for (const Violation& violation : report_on(records, settings).violations) {
    EXPECT_FALSE(violation.sentence.empty());
    found.push_back(std::to_string(violation.position.sequence.value) + " " +
                    std::string(violation.rule));
  }
  return found;
}

inline std::string at(schema::Position position, std::string_view rule) {
  return std::to_string(position.sequence.value) + " " + std::string(rule);
}

class Verify : public ::testing::Test {
 protected:
  /// Everything that may happen, each once.
  void a_good_story() {
    story.opened(2);
    const auto first = story.claimed(1, 1);
    const auto second = story.claimed(2, 2);
    story.refused(1, schema::ClaimRefusal::already_claimed, schema::ClaimRule::one_per_email,
                  first.event.expires_at);
    story.refused(3, schema::ClaimRefusal::sold_out, std::nullopt, first.event.expires_at);
    story.now += std::chrono::minutes(1);
    story.confirmed(second);
    story.confirmed(second, true);
    story.refused(2, schema::ClaimRefusal::already_claimed, schema::ClaimRule::one_per_email);
    story.now += std::chrono::minutes(4);
    story.expired(first);
    const auto third = story.claimed(3, 1);
    story.released(third, schema::LiveClaim::held);
    const auto fourth = story.claimed(1, 1);
    story.confirmed(fourth);
    story.released(fourth, schema::LiveClaim::confirmed);
    story.tell(schema::ReleaseRefused{.claim = fourth.event.claim,
                                      .refusal = schema::ReleaseRefusal::claim_ended});
    story.tell(schema::ConfirmationRefused{.claim = fourth.event.claim,
                                           .refusal = schema::ConfirmationRefusal::claim_ended});
    story.changed(Story::details(1));
    story.refused(5, schema::ClaimRefusal::sold_out);
    story.refused(5, schema::ClaimRefusal::too_late);
    story.stepped(Story::details(1), schema::OccasionStep::close, schema::OccasionState::closed);
    story.refused(5, schema::ClaimRefusal::closed);
    story.stepped(Story::details(1), schema::OccasionStep::cancel,
                  schema::OccasionState::cancelled);
    story.refused(5, schema::ClaimRefusal::cancelled);
  }
  std::vector<std::string> found(const VerifySettings& settings = {}) {
    return violations(story.history.records(), settings);
  }
  schema::Partition partition() const {
    return schema::partition_of(schema::to_text(story.id), kPartitions);
  }
  std::deque<Record>& records() { return story.history.records()[partition().value]; }
  Record& record(std::uint64_t sequence) {
    return story.history.at({partition(), schema::Sequence{sequence}});
  }
  void replace(std::uint64_t sequence, std::string_view what, std::string_view with) {
    std::string& value = record(sequence).value;
    const std::size_t where = value.find(what);
    ASSERT_NE(where, std::string::npos) << value;
    value.replace(where, what.size(), with);
  }

  Story story;
};

}  // namespace boxoffice::replay
