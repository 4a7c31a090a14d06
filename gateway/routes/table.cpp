#include <array>

#include "gateway/routes/handlers.hpp"
#include "gateway/routes/route.hpp"

// The routes. Who may is written out in full: an organizer may what a supervisor may, a supervisor
// what a gate may, an admin all.
namespace boxoffice::gateway {

namespace {

using http::Method;
using Names = std::string_view;

constexpr Roles kAnyone{Who::anyone,  Who::holder,  Who::gate,      Who::supervisor,
                        Who::auditor, Who::analyst, Who::organizer, Who::admin};
constexpr Roles kOrganizers{Who::organizer, Who::admin};
constexpr Roles kOnlookers{Who::holder, Who::organizer, Who::admin};
/// A token alone decides: whoever shows it is the holder, whatever key comes with it, and no key
/// stands for it.
constexpr Roles kByToken{Who::holder};
constexpr Roles kAuditors{Who::auditor, Who::organizer, Who::admin};

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kTime = R"({"$ref":"#/components/schemas/Time"})";

constexpr ParameterDoc kLimit{
    "limit", R"({"type":"integer","minimum":1,"maximum":500,"default":50})", "How many at most."};
constexpr ParameterDoc kAfter{"after", kText, "The cursor that came as `next`."};
constexpr ParameterDoc kToken{"token", kText, "The holder's token."};

constexpr std::array kOccasionListParameters{
    ParameterDoc{"state", R"({"$ref":"#/components/schemas/OccasionState"})",
                 "Those in that state; open where absent. Others than open: for their organizers."},
    kLimit, kAfter};
constexpr std::array kKeyListParameters{
    ParameterDoc{"occasion", kIdSchema, "Those limited to that occasion."}, kLimit, kAfter};
constexpr std::array kTokenParameters{kToken};
constexpr std::array kAuditParameters{
    ParameterDoc{"occasion", kIdSchema,
                 "Events of that occasion; where absent, of the one that the key is for, if any."},
    ParameterDoc{"person", kText, "Events that name that person: an id, or an e-mail address."},
    ParameterDoc{"ticket", kIdSchema, "Events that name that ticket."},
    ParameterDoc{"principal", kText,
                 "Events of commands of that key or person, or of `anonymous`."},
    ParameterDoc{"device", kText, "The same as principal."},
    ParameterDoc{"type", kText, "Events of that type, with or without its prefix."},
    ParameterDoc{"from", kTime, "Decided then or later."},
    ParameterDoc{"to", kTime, "Decided before."},
    kLimit,
    kAfter,
    ParameterDoc{"open", R"({"type":"boolean","default":false})",
                 "Open what is sealed, too, which is an event itself; for auditors and admins."}};

constexpr std::array kTagged{Names("ETag")};
constexpr std::array kPlaced{Names("ETag"), Names("Location")};
constexpr std::array kPageHeaders{Names("Content-Security-Policy")};

constexpr std::array kOccasionListed{
    AnswerDoc{200, kJson, "OccasionList", "A page of occasions, by id."}};
constexpr std::array kOccasionMade{
    AnswerDoc{201, kJson, "Occasion", "The occasion, a draft.", kPlaced}};
constexpr std::array kOccasionShown{AnswerDoc{200, kJson, "Occasion", "The occasion.", kTagged},
                                    AnswerDoc{304, {}, {}, "As If-None-Match knows it.", kTagged}};
constexpr std::array kOccasionChanged{
    AnswerDoc{200, kJson, "Occasion", "The occasion as it is now.", kTagged}};
constexpr std::array kAvailabilityShown{
    AnswerDoc{200, kJson, "Availability", "Tickets by what became of them.", kTagged},
    AnswerDoc{304, {}, {}, "As If-None-Match knows it.", kTagged}};
constexpr std::array kClaimMade{
    AnswerDoc{201, kJson, "Claim", "The claim, with the holder's token.", kPlaced}};
constexpr std::array kClaimShown{AnswerDoc{200, kJson, "Claim", "The claim.", kTagged},
                                 AnswerDoc{304, {}, {}, "As If-None-Match knows it.", kTagged}};
constexpr std::array kClaimConfirmed{
    AnswerDoc{200, kJson, "Claim", "The claim, confirmed.", kTagged}};
constexpr std::array kClaimReleased{
    AnswerDoc{200, kJson, "Claim", "The claim, released.", kTagged}};
constexpr std::array kKeysListed{AnswerDoc{200, kJson, "KeyList", "A page of keys, by id."}};
constexpr std::array kKeyMade{
    AnswerDoc{201, kJson, "CreatedKey", "The key; its text is shown here alone.", kTagged}};
constexpr std::array kKeyDeleted{AnswerDoc{204, {}, {}, "The key works no longer."}};
constexpr std::array kAuditListed{
    AnswerDoc{200, kJson, "AuditList", "A page of events, as they are on the log."}};
constexpr std::array kHealth{AnswerDoc{200, kJson, "Health", "The process is alive."}};
constexpr std::array kReadiness{AnswerDoc{200, kJson, "Readiness", "Ready."},
                                AnswerDoc{503, kJson, "Readiness", "Not ready, and why."}};
constexpr std::array kMetrics{
    AnswerDoc{200, "text/plain; version=0.0.4; charset=utf-8", {}, "Prometheus' text format."}};
constexpr std::array kDocument{AnswerDoc{200, kJson, {}, "This document."}};
constexpr std::array kTopicsDocument{AnswerDoc{200, kJson, {}, "An AsyncAPI 3.0 document."}};
constexpr std::array kPage{AnswerDoc{200, kHtml, {}, "A page.", kPageHeaders}};

constexpr std::array kListProblems{Names("bad_cursor")};
/// `already_made`: a repeat that comes when its key is remembered no more.
constexpr std::array kMakeProblems{Names("codes_exhausted"), Names("already_made"),
                                   Names("out_of_range"), Names("bad_time_zone")};
constexpr std::array kUnknownOccasion{Names("unknown_occasion")};
constexpr std::array kChangeProblems{Names("unknown_occasion"), Names("cancelled"),
                                     Names("already_closed"),   Names("below_committed"),
                                     Names("pools_fixed"),      Names("codes_exhausted"),
                                     Names("does_not_fit"),     Names("bad_time_zone")};
constexpr std::array kStepProblems{Names("unknown_occasion"), Names("cancelled"),
                                   Names("already_open"), Names("not_open"),
                                   Names("already_closed")};
constexpr std::array kClaimProblems{
    Names("bad_email"), Names("unknown_occasion"), Names("not_open"),        Names("closed"),
    Names("cancelled"), Names("claims_off"),       Names("already_claimed"), Names("sold_out")};
constexpr std::array kShowClaimProblems{Names("wrong_token"), Names("unknown_occasion"),
                                        Names("unknown_claim")};
constexpr std::array kEndClaimProblems{Names("wrong_token"), Names("unknown_occasion"),
                                       Names("unknown_claim"), Names("claim_ended"),
                                       Names("cancelled")};
constexpr std::array kMakeKeyProblems{Names("unknown_occasion"), Names("key_ended")};
constexpr std::array kAuditProblems{Names("bad_cursor"), Names("too_late"),
                                    Names("event_too_large")};
constexpr std::array kDeleteKeyProblems{Names("unknown_key")};

constexpr Operation step(std::string_view id, std::string_view summary) {
  return {.id = id,
          .summary = summary,
          .of_occasion = true,
          .body = "EmptyBody",
          .body_may_be_absent = true,
          .command = true,
          .conditional = true,
          .answers = kOccasionChanged,
          .problems = kStepProblems};
}

constexpr Operation document(std::string_view id, std::string_view summary,
                             std::span<const AnswerDoc> answers) {
  return {.id = id, .summary = summary, .answers = answers};
}

const std::array kRoutes = std::to_array<Route>({
    {Method::get,
     "/v1/occasions",
     kAnyone,
     list_occasions,
     {.id = "listOccasions",
      .summary = "The public list; other states for organizers.",
      .parameters = kOccasionListParameters,
      .answers = kOccasionListed,
      .problems = kListProblems}},
    {Method::post,
     "/v1/occasions",
     kOrganizers,
     create_occasion,
     {.id = "createOccasion",
      .summary = "Make an occasion, as a draft.",
      .body = "OccasionBody",
      .command = true,
      .answers = kOccasionMade,
      .problems = kMakeProblems}},
    {Method::get,
     "/v1/occasions/{id}",
     kAnyone,
     show_occasion,
     {.id = "showOccasion",
      .summary = "An occasion; a draft for its organizers.",
      .of_occasion = true,
      .answers = kOccasionShown,
      .problems = kUnknownOccasion}},
    {Method::patch,
     "/v1/occasions/{id}",
     kOrganizers,
     change_occasion,
     {.id = "changeOccasion",
      .summary = "Change an occasion by a merge patch (RFC 7396).",
      .of_occasion = true,
      .body = "OccasionPatch",
      .command = true,
      .conditional = true,
      .answers = kOccasionChanged,
      .problems = kChangeProblems}},
    {Method::post, "/v1/occasions/{id}/open", kOrganizers, open_occasion,
     step("openOccasion", "Open an occasion.")},
    {Method::post, "/v1/occasions/{id}/close", kOrganizers, close_occasion,
     step("closeOccasion", "Close an occasion.")},
    {Method::post, "/v1/occasions/{id}/cancel", kOrganizers, cancel_occasion,
     step("cancelOccasion", "Cancel an occasion, for good.")},
    {Method::get,
     "/v1/occasions/{id}/availability",
     kAnyone,
     show_availability,
     {.id = "showAvailability",
      .summary = "How many tickets are free.",
      .of_occasion = true,
      .answers = kAvailabilityShown,
      .problems = kUnknownOccasion}},
    {Method::post,
     "/v1/occasions/{id}/claims",
     kAnyone,
     claim_ticket,
     {.id = "claimTicket",
      .summary = "Hold the next free ticket for an e-mail address.",
      .of_occasion = true,
      .body = "ClaimBody",
      .command = true,
      .answers = kClaimMade,
      .problems = kClaimProblems}},
    {Method::get,
     "/v1/occasions/{id}/claims/{claim}",
     kOnlookers,
     show_claim,
     {.id = "showClaim",
      .summary = "A claim, for who has its token or organizes the occasion.",
      .of_occasion = true,
      .parameters = kTokenParameters,
      .answers = kClaimShown,
      .problems = kShowClaimProblems},
     /*open=*/false,
     /*as_told=*/true},
    {Method::delete_,
     "/v1/occasions/{id}/claims/{claim}",
     kByToken,
     release_claim,
     {.id = "releaseClaim",
      .summary = "Give the ticket back, as who has the claim's token.",
      .of_occasion = true,
      .body = "TokenBody",
      .body_may_be_absent = true,
      .command = true,
      .parameters = kTokenParameters,
      .answers = kClaimReleased,
      .problems = kEndClaimProblems}},
    {Method::post,
     "/v1/occasions/{id}/claims/{claim}/confirm",
     kByToken,
     confirm_claim,
     {.id = "confirmClaim",
      .summary = "Make the held ticket an issued one, as who has the claim's token.",
      .of_occasion = true,
      .body = "TokenBody",
      .body_may_be_absent = true,
      .command = true,
      .answers = kClaimConfirmed,
      .problems = kEndClaimProblems}},
    {Method::get,
     "/v1/keys",
     kOrganizers,
     list_keys,
     {.id = "listKeys",
      .summary = "Keys; an organizer's are those of their occasions.",
      .parameters = kKeyListParameters,
      .answers = kKeysListed,
      .problems = kListProblems}},
    {Method::post,
     "/v1/keys",
     kOrganizers,
     create_key,
     {.id = "createKey",
      .summary =
          "Make a key. That there is no such occasion is answered before there is a command, "
          "so without a position.",
      .body = "KeyBody",
      .command = true,
      .answers = kKeyMade,
      .problems = kMakeKeyProblems}},
    {Method::delete_,
     "/v1/keys/{id}",
     kOrganizers,
     delete_key,
     {.id = "deleteKey",
      .summary = "End a key.",
      .body = "EmptyBody",
      .body_may_be_absent = true,
      .command = true,
      .answers = kKeyDeleted,
      .problems = kDeleteKeyProblems}},
    {Method::get,
     "/v1/audit",
     kAuditors,
     list_audit,
     {.id = "listAudit",
      .summary = "The audit trail, by partition and sequence.",
      .parameters = kAuditParameters,
      .answers = kAuditListed,
      .problems = kAuditProblems}},
    {Method::get, "/healthz", kAnyone, show_health,
     document("showHealth", "Whether the process is alive.", kHealth), true},
    {Method::get, "/readyz", kAnyone, show_readiness,
     document("showReadiness", "Whether the service can work.", kReadiness), true},
    {Method::get, "/metrics", kAnyone, show_metrics,
     document("showMetrics", "Metrics for Prometheus.", kMetrics), true},
    {Method::get, "/openapi.json", kAnyone, show_openapi,
     document("showOpenapi", "This document.", kDocument), true},
    {Method::get, "/asyncapi.json", kAnyone, show_asyncapi,
     document("showAsyncapi", "The topics, as AsyncAPI 3.0.", kTopicsDocument), true},
    {Method::get, "/docs", kAnyone, show_docs,
     document("showDocs", "A page to read this document.", kPage), true},
    {Method::get, "/", kAnyone, show_home, document("showHome", "Where to go from here.", kPage),
     true},
});

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace boxoffice::gateway
