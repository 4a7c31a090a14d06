#pragma once

#include <string>
#include <string_view>

#include "commands/processor/submission.hpp"
#include "sealing/sealing.hpp"

/// What tests say: ids made of words, and the commands of a small box office.
namespace boxoffice::vocabulary {

using namespace std::chrono_literals;

inline schema::Instant noon() { return schema::Instant(schema::Milliseconds(1'800'000'000'000)); }

template <class IdType>
IdType named(std::string_view word) {
  return IdType::from(sealing::sha256(word).bytes);
}

inline domain::SubjectId occasion(std::string_view word = "gala") {
  return named<domain::SubjectId>(word);
}

/// One key, and what was asked under it.
inline schema::CommandIdentity identity(std::string_view key, std::string_view request = "") {
  schema::CommandIdentity identity{.id = named<schema::CommandId>(key)};
  const schema::Digest tag = sealing::sha256("tag " + std::string(request));
  std::copy_n(tag.bytes.begin(), identity.tag.size(), identity.tag.begin());
  return identity;
}

inline schema::OccasionDetails details(std::int64_t capacity, schema::Milliseconds ttl = 5min) {
  return {.name = "Winter Gala",
          .starts_at = noon() + 24h,
          .time_zone = "UTC",
          .pools = {{.name = "main", .capacity = capacity}},
          .claims = schema::ClaimsPolicy{.ttl_ms = ttl.count(),
                                         .on_expiry = schema::OnExpiry::return_,
                                         .one_per_email = true},
          .codes = {.length = 6, .alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
          .totp = {.algorithm = schema::TotpAlgorithm::SHA1, .digits = 6, .period_s = 30},
          .admission = {.undo_window_ms = 900'000}};
}

/// `respond` is the caller's to set.
inline processor::Submission submission(domain::SubjectId subject, std::string_view key,
                                        schema::Command command, schema::Instant now) {
  return {.identity = identity(key),
          .subject = subject,
          .command = std::move(command),
          .actor = "anonymous",
          .correlation = std::string(key),
          .received = now,
          .deadline = now + 1min};
}

inline schema::Command create(schema::OccasionDetails details) {
  return schema::CreateOccasion{.details = std::move(details)};
}

inline schema::Command open() { return schema::StepOccasion{.step = schema::OccasionStep::open}; }

/// The claim is named by the key of its command.
inline schema::Command claim(std::string_view key, std::string_view person) {
  return schema::ClaimTicket{.claim = identity(key).id.as<schema::ClaimTag>(),
                             .person = named<schema::PersonId>(person),
                             .ip = named<schema::IpId>(person),
                             .address = "s1.AAAAAAAAAAA.AAAA"};
}

inline schema::Command confirm(std::string_view claim_key) {
  return schema::ConfirmClaim{.claim = identity(claim_key).id.as<schema::ClaimTag>()};
}

inline schema::Command release(std::string_view claim_key) {
  return schema::ReleaseClaim{.claim = identity(claim_key).id.as<schema::ClaimTag>()};
}

}  // namespace boxoffice::vocabulary
