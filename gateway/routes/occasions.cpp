#include <algorithm>

#include "commands/domain/occasion_details.hpp"
#include "events-schema/occasion_steps.hpp"
#include "gateway/bodies.hpp"
#include "gateway/routes/body.hpp"
#include "gateway/routes/command.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/headers.hpp"
#include "gateway/routes/lists.hpp"
#include "gateway/routes/resources.hpp"

// Occasions: listed, made, shown, changed, opened, closed, cancelled.
namespace boxoffice::gateway {

namespace {

/// Pages looked through for one answer where most of what they hold is not for the caller.
constexpr int kPagesMax = 50;

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
  const auto letters = std::max<std::size_t>(2, domain::letters_of(body.codes.alphabet));
  const auto capacity = domain::total_capacity(details.pools);
  details.codes = {
      .length = body.codes.length.value_or(domain::default_code_length(letters, capacity)),
      .alphabet = std::move(body.codes.alphabet)};
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

/// False: such details will not do, and the reply is sent.
bool details_will_do(const schema::OccasionDetails& details, http::Reply& reply) {
  const auto problem = domain::problem_of(details);
  if (!problem) return true;
  const bool codes = problem->refusal == schema::OccasionRefusal::codes_exhausted;
  refuse(reply, {.name = codes ? "codes_exhausted" : "out_of_range",
                 .detail = problem->detail,
                 .field = problem->pointer});
  return false;
}

/// Details that fit any patch that is right in itself.
schema::OccasionDetails details_that_will_do() {
  return {.pools = {{.name = "any", .capacity = 1}},
          .codes = {.length = 32, .alphabet = domain::default_alphabet()},
          .totp = domain::default_totp(),
          .admission = domain::default_admission()};
}

bool may_see_draft(const Call& call, const schema::OccasionId& id) {
  if (call.principal && call.principal->occasion == id) return true;
  return may_organize(call, id);
}

bool may_see(const Call& call, const projections::OccasionView& view) {
  return view.state != schema::OccasionState::draft || may_see_draft(call, view.id);
}

void send_occasion(const event_log::CommittedEvent& event, schema::OccasionState state,
                   const schema::OccasionDetails& details, int status, http::Reply& reply) {
  const auto id = *schema::id_from_text<schema::OccasionId>(event.envelope.subject);
  std::string body;
  write_occasion(body, id, state, details);
  reply.add_header("ETag", etag(event.envelope.position.sequence));
  reply.send(status, http::kJson, body);
}

void render_created(const Environment&, const event_log::CommittedEvent& event,
                    http::Reply& reply) {
  const auto& created = std::get<schema::OccasionCreated>(event.event);
  reply.add_header("Location", "/v1/occasions/" + event.envelope.subject);
  send_occasion(event, created.state, created.details, 201, reply);
}

void render_changed(const Environment&, const event_log::CommittedEvent& event,
                    http::Reply& reply) {
  const auto& changed = std::get<schema::OccasionChanged>(event.event);
  send_occasion(event, changed.state, changed.details, 200, reply);
}

void render_stepped(const Environment&, const event_log::CommittedEvent& event,
                    http::Reply& reply) {
  std::visit(
      [&](const auto& stepped) {
        if constexpr (schema::OccasionStepped<std::remove_cvref_t<decltype(stepped)>>)
          send_occasion(event, stepped.state, stepped.details, 200, reply);
      },
      event.event);
}

/// The occasion in the path, where the caller may organize it; else the reply is sent.
std::optional<schema::OccasionId> organized_occasion(const Call& call, http::Reply& reply) {
  const auto id = occasion_in_path(call, reply);
  if (!id || may_organize(call, *id)) return id;
  refuse(reply, "forbidden", "This key is not for organizing this occasion.");
  return std::nullopt;
}

std::optional<std::optional<schema::Sequence>> condition_of(const Call& call, http::Reply& reply) {
  auto condition = if_match_of(call.request);
  if (!condition) {
    refuse(reply, "bad_condition", "If-Match is one entity tag as the ETag header gave it, or *.");
  }
  return condition;
}

void step_occasion(Call& call, http::Reply reply, schema::OccasionStep step) {
  const auto id = organized_occasion(call, reply);
  if (!id) return;
  const auto condition = condition_of(call, reply);
  EmptyBody body;
  if (!condition || !read_body(call, reply, body)) return;
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;
  submit(call, std::move(reply), std::move(*named),
         {.subject = id->as<domain::SubjectTag>(),
          .command = schema::StepOccasion{.step = step, .if_match = *condition},
          .render = render_stepped,
          .until_read = true});
}

}  // namespace

void list_occasions(Call& call, http::Reply reply) {
  const auto page = page_wanted(call, reply);
  if (!page) return;
  std::optional<schema::OccasionState> state = schema::OccasionState::open;
  if (!read_parameter(call, reply, "state", schema::occasion_state_from_text, state)) return;
  const bool everyones = *state == schema::OccasionState::open;
  if (!everyones && !call.principal) {
    return refuse(reply, "unauthorized", "Only open occasions are listed for everybody.");
  }
  if (!everyones && !call.is(Who::organizer) && !call.is(Who::admin)) {
    return refuse(reply, "forbidden", "Only open occasions are listed for this role.");
  }
  ListBody body;
  std::string after = page->after;
  std::optional<std::string> next;
  std::size_t count = 0;
  for (int pages = 0; pages < kPagesMax && count < page->limit; ++pages) {
    const auto found =
        call.services().queries.occasions(std::span(&*state, 1), after, page->limit - count);
    if (!found) return refuse_query(reply, found.error());
    for (const auto& view : found->items) {
      if (!everyones && !may_organize(call, view->id)) continue;
      write_occasion(body.next_item(), view->id, view->state, view->details);
      ++count;
    }
    next = found->next;
    if (!next) break;
    after = *next;
  }
  reply.send(200, http::kJson, std::move(body).finished(next));
}

void create_occasion(Call& call, http::Reply reply) {
  if (call.principal->occasion) {
    return refuse(reply, "forbidden", "A key for one occasion makes no others.");
  }
  OccasionBody body;
  if (!read_body(call, reply, body)) return;
  schema::CreateOccasion command{.details = details_of(std::move(body))};
  if (!details_will_do(command.details, reply)) return;
  if (call.is(Who::organizer)) command.organizer = call.principal->id;

  // The occasion's id derives from the command's, so that a repeat at another gateway makes no
  // second one.
  auto named = name_command(call, reply, "occasions");
  if (!named) return;
  const auto id = named->identity.id.as<schema::OccasionTag>();
  submit(call, std::move(reply), std::move(*named),
         {.subject = id.as<domain::SubjectTag>(),
          .command = std::move(command),
          .key = processor::Submission::AttachedKey{.name = "occasion/" + schema::to_text(id),
                                                    .value =
                                                        call.services().vault.wrapped_root_key(id)},
          .render = render_created,
          .until_read = true});
}

void show_occasion(Call& call, http::Reply reply) {
  const auto id = occasion_in_path(call, reply);
  if (!id) return;
  const auto view = call.services().queries.occasion(*id);
  if (!view || !may_see(call, *view)) {
    return refuse(reply, "unknown_occasion", "There is no occasion of this id.");
  }
  const std::string tag = etag(view->last_event.sequence);
  reply.add_header("ETag", tag);
  if (names_tag(call.request.header("If-None-Match"), tag)) return reply.send(304, {}, {});
  std::string body;
  write_occasion(body, view->id, view->state, view->details);
  reply.send(200, http::kJson, body);
}

void change_occasion(Call& call, http::Reply reply) {
  const auto id = organized_occasion(call, reply);
  if (!id) return;
  const auto condition = condition_of(call, reply);
  schema::ChangeOccasion command;
  if (!condition || !read_body(call, reply, command.change)) return;
  command.if_match = *condition;
  // Only the patch is judged here, so that a repeat is judged as the first time was; whether it
  // fits the occasion is for `decide`.
  if (!details_will_do(domain::merged(details_that_will_do(), command.change), reply)) return;
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;
  submit(call, std::move(reply), std::move(*named),
         {.subject = id->as<domain::SubjectTag>(),
          .command = std::move(command),
          .render = render_changed,
          .until_read = true});
}

void open_occasion(Call& call, http::Reply reply) {
  step_occasion(call, std::move(reply), schema::OccasionStep::open);
}
void close_occasion(Call& call, http::Reply reply) {
  step_occasion(call, std::move(reply), schema::OccasionStep::close);
}
void cancel_occasion(Call& call, http::Reply reply) {
  step_occasion(call, std::move(reply), schema::OccasionStep::cancel);
}

void show_availability(Call& call, http::Reply reply) {
  const auto id = occasion_in_path(call, reply);
  if (!id) return;
  const auto view = call.services().queries.availability(*id);
  if (!view || (view->state == schema::OccasionState::draft && !may_see_draft(call, *id))) {
    return refuse(reply, "unknown_occasion", "There is no occasion of this id.");
  }
  const std::string tag = etag(view->position.sequence);
  reply.add_header("ETag", tag);
  if (names_tag(call.request.header("If-None-Match"), tag)) return reply.send(304, {}, {});
  reply.send(200, http::kJson, view->body);
}

}  // namespace boxoffice::gateway
