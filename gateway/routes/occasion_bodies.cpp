#include "gateway/routes/occasion_bodies.hpp"

#include <algorithm>

#include "commands/domain/occasion_details.hpp"

namespace boxoffice::gateway {

namespace {

std::int64_t shortest_codes(const std::string& alphabet, const std::vector<schema::Pool>& pools) {
  return domain::default_code_length(std::max<std::size_t>(2, domain::letters_of(alphabet)),
                                     domain::total_capacity(pools));
}

/// What becomes of a member: nothing where the patch lacks it, the default where it has null.
template <class T>
std::optional<T> patched(const std::optional<std::optional<T>>& member, const T& preset) {
  if (!member) return std::nullopt;
  return member->value_or(preset);
}

schema::ClaimsChange change_of(const ClaimsPatch& patch) {
  const ClaimsBody preset;
  return {.ttl_ms = patched(patch.ttl_ms, preset.ttl_ms),
          .on_expiry = patched(patch.on_expiry, preset.on_expiry),
          .one_per_email = patched(patch.one_per_email, preset.one_per_email),
          .one_per_ip = patched(patch.one_per_ip, preset.one_per_ip),
          .verify_email = patched(patch.verify_email, preset.verify_email)};
}

schema::RequestsChange change_of(const RequestsPatch& patch) {
  const RequestsBody preset;
  return {.largest = patched(patch.largest, preset.largest),
          .offer_ttl_ms = patched(patch.offer_ttl_ms, preset.offer_ttl_ms),
          .public_source = patch.public_source,
          .unfinalize_window_ms = patched(patch.unfinalize_window_ms, preset.unfinalize_window_ms)};
}

/// Without the length that null stands for.
schema::CodesChange change_of(const CodesPatch& patch) {
  return {.length = patch.length.value_or(std::nullopt),
          .alphabet = patched(patch.alphabet, CodesBody().alphabet)};
}

schema::TotpChange change_of(const TotpPatch& patch) {
  const TotpBody preset;
  return {.algorithm = patched(patch.algorithm, preset.algorithm),
          .digits = patched(patch.digits, preset.digits),
          .period_s = patched(patch.period_s, preset.period_s),
          .window = patched(patch.window, preset.window)};
}

schema::AdmissionChange change_of(const AdmissionPatch& patch) {
  const AdmissionBody preset;
  return {.reentry = patched(patch.reentry, preset.reentry),
          .opens_at = patch.opens_at,
          .closes_at = patch.closes_at,
          .undo_window_ms = patched(patch.undo_window_ms, preset.undo_window_ms)};
}

// Null in place of an object that cannot be absent comes to null for each of its members.

CodesPatch null_codes() {
  return {.length = std::optional<std::int64_t>(), .alphabet = std::optional<std::string>()};
}

TotpPatch null_totp() {
  return {.algorithm = std::optional<schema::TotpAlgorithm>(),
          .digits = std::optional<std::int64_t>(),
          .period_s = std::optional<std::int64_t>(),
          .window = std::optional<std::int64_t>()};
}

AdmissionPatch null_admission() {
  return {.reentry = std::optional<bool>(),
          .opens_at = std::optional<schema::Instant>(),
          .closes_at = std::optional<schema::Instant>(),
          .undo_window_ms = std::optional<std::int64_t>()};
}

/// A way in: null switches it off.
template <class Change, class Patch>
std::optional<std::optional<Change>> change_of_way_in(
    const std::optional<std::optional<Patch>>& patch) {
  if (!patch) return std::nullopt;
  return *patch ? std::optional<Change>(change_of(**patch)) : std::optional<Change>();
}

}  // namespace

schema::OccasionDetails details_of(OccasionBody body) {
  schema::OccasionDetails details{.name = std::move(body.name),
                                  .starts_at = body.starts_at,
                                  .time_zone = std::move(body.time_zone),
                                  .venue = std::move(body.venue),
                                  .notes = std::move(body.notes),
                                  .pools = std::move(body.pools)};
  if (const auto& claims = body.claims) {
    details.claims = {.ttl_ms = claims->ttl_ms,
                      .on_expiry = claims->on_expiry,
                      .one_per_email = claims->one_per_email,
                      .one_per_ip = claims->one_per_ip,
                      .verify_email = claims->verify_email};
  }
  if (const auto& requests = body.requests) {
    details.requests = {.largest = requests->largest,
                        .offer_ttl_ms = requests->offer_ttl_ms,
                        .public_source = requests->public_source,
                        .unfinalize_window_ms = requests->unfinalize_window_ms};
  }
  details.codes.length =
      body.codes.length.value_or(shortest_codes(body.codes.alphabet, details.pools));
  details.codes.alphabet = std::move(body.codes.alphabet);
  details.totp = {.algorithm = body.totp.algorithm,
                  .digits = body.totp.digits,
                  .period_s = body.totp.period_s,
                  .window = body.totp.window};
  details.admission = {.reentry = body.admission.reentry,
                       .opens_at = body.admission.opens_at,
                       .closes_at = body.admission.closes_at,
                       .undo_window_ms = body.admission.undo_window_ms};
  return details;
}

schema::OccasionChange change_of(OccasionPatch patch, const schema::OccasionDetails* present) {
  const OccasionBody preset;
  schema::OccasionChange change{
      .name = std::move(patch.name),
      .starts_at = patch.starts_at,
      .time_zone = patched(patch.time_zone, preset.time_zone),
      .venue = patched(patch.venue, preset.venue),
      .notes = patched(patch.notes, preset.notes),
      .pools = std::move(patch.pools),
      .claims = change_of_way_in<schema::ClaimsChange>(patch.claims),
      .requests = change_of_way_in<schema::RequestsChange>(patch.requests)};
  const auto codes = patched(patch.codes, null_codes());
  if (codes) change.codes = change_of(*codes);
  if (const auto totp = patched(patch.totp, null_totp())) change.totp = change_of(*totp);
  if (const auto admission = patched(patch.admission, null_admission()))
    change.admission = change_of(*admission);

  const bool length_is_null = codes && codes->length && !*codes->length;
  if (length_is_null && present != nullptr) {
    const schema::OccasionDetails after = domain::merged(*present, change);
    change.codes->length = shortest_codes(after.codes.alphabet, after.pools);
  }
  return change;
}

}  // namespace boxoffice::gateway
