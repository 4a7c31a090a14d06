#include "gateway/bodies.hpp"
#include "gateway/routes/asking.hpp"
#include "gateway/routes/body.hpp"
#include "gateway/routes/command.hpp"
#include "gateway/routes/entity_tags.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/lists.hpp"

// Claims: made, shown, confirmed, released.
namespace boxoffice::gateway {

namespace {

using projections::ClaimById;
using projections::ClaimState;
using projections::ClaimView;
using projections::OccasionById;

std::string_view to_text(ClaimState state) {
  switch (state) {
    case ClaimState::held:
      return "held";
    case ClaimState::confirmed:
      return "confirmed";
    case ClaimState::released:
      return "released";
    case ClaimState::expired:
      return "expired";
  }
  return "";
}

void send_claim(const event_log::CommittedEvent& event, int status, const ClaimFacts& claim,
                http::Reply& reply) {
  std::string body;
  write_claim(body, claim);
  reply.add_header("ETag", etag(event.envelope.position.sequence));
  reply.send(status, http::kJson, body);
}

/// The tag of a claim past its time whose expiry has no event yet. It shows another state than it
/// did under its last event's sequence, so that tag, a strong one, is not its own any more.
std::string tag_of_overdue(const ClaimView& claim) {
  return '"' + std::to_string(claim.last_event.sequence.value) + "-expired\"";
}

schema::OccasionId occasion_of(const event_log::CommittedEvent& event) {
  return *schema::id_from_text<schema::OccasionId>(event.envelope.subject);
}

void render_claimed(const Environment& environment, const event_log::CommittedEvent& event,
                    http::Reply reply) {
  const auto& claimed = std::get<schema::TicketClaimed>(event.event);
  const schema::OccasionId occasion = occasion_of(event);
  const std::string token = environment.services.vault.claim_token(occasion, claimed.claim);
  reply.add_header("Location", "/v1/occasions/" + event.envelope.subject + "/claims/" +
                                   schema::to_text(claimed.claim));
  send_claim(event, 201,
             {.occasion = occasion,
              .id = claimed.claim,
              .state = "held",
              .ticket = claimed.ticket,
              .number = static_cast<std::uint64_t>(claimed.number),
              .pool = claimed.pool,
              .expires_at = claimed.expires_at,
              .token = token},
             reply);
}

/// What a confirmed and a released claim have alike.
template <class Event>
void render_ended(const event_log::CommittedEvent& event, std::string_view state,
                  http::Reply& reply) {
  const auto& ended = std::get<Event>(event.event);
  send_claim(event, 200,
             {.occasion = occasion_of(event),
              .id = ended.claim,
              .state = state,
              .ticket = ended.ticket,
              .number = static_cast<std::uint64_t>(ended.number),
              .pool = ended.pool},
             reply);
}

void render_confirmed(const Environment&, const event_log::CommittedEvent& event,
                      http::Reply reply) {
  render_ended<schema::ClaimConfirmed>(event, "confirmed", reply);
}

void render_released(const Environment&, const event_log::CommittedEvent& event,
                     http::Reply reply) {
  render_ended<schema::ClaimReleased>(event, "released", reply);
}

struct ClaimPath {
  schema::OccasionId occasion;
  schema::ClaimId claim;
};

std::optional<ClaimPath> claim_path(const Call& call, http::Reply& reply) {
  const auto occasion = occasion_in_path(call, reply);
  if (!occasion) return std::nullopt;
  const auto claim = claim_in_path(call, reply);
  if (!claim) return std::nullopt;
  return ClaimPath{.occasion = *occasion, .claim = *claim};
}

/// Whether the token is the claim's: whoever shows it is the holder, with a key of whatever role or
/// without one. False: the reply is sent.
bool is_holder(Call& call, http::Reply& reply, const ClaimPath& path, const std::string* token) {
  if (token == nullptr) {
    refuse(reply, "wrong_token", "The claim's token is missing.");
    return false;
  }
  if (call.services().vault.is_claim_token(path.occasion, path.claim, *token)) return true;
  refuse_credentials(call, reply, "wrong_token", "This is not the claim's token.");
  return false;
}

/// Whether the caller may look at the claim without its token; if not, the reply is sent.
bool may_see(http::Reply& reply, bool organizes) {
  if (!organizes)
    refuse(reply, "forbidden", "This key is not for this claim; its token is missing.");
  return organizes;
}

void send_claim(const Call& call, http::Reply& reply, const ClaimView& claim) {
  // A claim past its time has expired, also where its event is still to come.
  const bool over = claim.state == ClaimState::held && claim.expires_at &&
                    *claim.expires_at <= call.services().clock();
  const std::string tag = over ? tag_of_overdue(claim) : etag(claim.last_event.sequence);
  reply.add_header("ETag", tag);
  if (names_tag(call.request, tag)) return reply.send(304, {}, {});
  std::string body;
  write_claim(body, {.occasion = claim.occasion,
                     .id = claim.id,
                     .state = to_text(over ? ClaimState::expired : claim.state),
                     .ticket = claim.ticket,
                     .number = claim.number,
                     .pool = claim.pool,
                     .expires_at = claim.expires_at});
  reply.send(200, http::kJson, body);
}

void send_found(Call& call, http::Reply reply, const ClaimPath& path) {
  ask(call, std::move(reply), ClaimById{path.occasion, path.claim},
      [](const Call& same, http::Reply to, const ClaimById::Answer& found) {
        if (!found) return refuse_query(to, found.error());
        if (!*found) return refuse(to, "unknown_claim", "There is no claim of this id.");
        send_claim(same, to, **found);
      });
}

/// The path, where the token in the body (or, of a DELETE, in the query) is the claim's.
std::optional<ClaimPath> held_claim(Call& call, http::Reply& reply) {
  const auto path = claim_path(call, reply);
  TokenBody body;
  if (!path || !read_body(call, reply, body)) return std::nullopt;
  const std::string* token = body.token ? &*body.token : call.query.find("token");
  if (!is_holder(call, reply, *path, token)) return std::nullopt;
  return path;
}

void end_claim(Call& call, http::Reply reply, const schema::OccasionId& occasion,
               schema::Command command, Render render) {
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;
  submit(call, std::move(reply), std::move(*named),
         {.subject = occasion.as<domain::SubjectTag>(),
          .command = std::move(command),
          .render = render});
}

}  // namespace

void claim_ticket(Call& call, http::Reply reply) {
  const auto occasion = occasion_in_path(call, reply);
  ClaimBody body;
  if (!occasion || !read_body(call, reply, body)) return;
  const auto address = sealing::normalized_address(body.email);
  if (!address) {
    return refuse(
        reply,
        {.name = "bad_email", .detail = "This is not an e-mail address.", .field = "/email"});
  }
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;

  const sealing::Vault& vault = call.services().vault;
  const schema::PersonId person = vault.person(*address);
  sealing::SealedText sealed = vault.seal(person, *address);
  const auto claim = named->identity.id.as<schema::ClaimTag>();
  submit(
      call, std::move(reply), std::move(*named),
      {.subject = occasion->as<domain::SubjectTag>(),
       .command =
           schema::ClaimTicket{.claim = claim, .person = person, .address = std::move(sealed.text)},
       .key = processor::Submission::AttachedKey{.name = std::move(sealed.name),
                                                 .value = std::move(sealed.wrapped)},
       .render = render_claimed});
}

/// As its holder, or as who organizes the occasion. A token that is given must be right, whoever
/// gives it.
void show_claim(Call& call, http::Reply reply) {
  const auto path = claim_path(call, reply);
  if (!path) return;
  const std::string* token = call.query.find("token");
  if (token != nullptr || !call.principal) {
    if (is_holder(call, reply, *path, token)) send_found(call, std::move(reply), *path);
    return;
  }
  const std::optional<bool> organizes = may_organize(call, path->occasion);
  if (organizes) {
    if (may_see(reply, *organizes)) send_found(call, std::move(reply), *path);
    return;
  }
  ask(call, std::move(reply), OccasionById{path->occasion},
      [path](Call& same, http::Reply to, const OccasionById::Answer& view) {
        if (may_see(to, may_organize(same, path->occasion, view.get())))
          send_found(same, std::move(to), *path);
      });
}

void confirm_claim(Call& call, http::Reply reply) {
  const auto path = held_claim(call, reply);
  if (!path) return;
  end_claim(call, std::move(reply), path->occasion, schema::ConfirmClaim{.claim = path->claim},
            render_confirmed);
}

void release_claim(Call& call, http::Reply reply) {
  const auto path = held_claim(call, reply);
  if (!path) return;
  end_claim(call, std::move(reply), path->occasion, schema::ReleaseClaim{.claim = path->claim},
            render_released);
}

}  // namespace boxoffice::gateway
