#include "commands/domain/occasion_details.hpp"
#include "events-schema/occasion_steps.hpp"
#include "gateway/routes/asking.hpp"
#include "gateway/routes/body.hpp"
#include "gateway/routes/command.hpp"
#include "gateway/routes/entity_tags.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/lists.hpp"
#include "gateway/routes/names.hpp"
#include "gateway/routes/occasion_bodies.hpp"

// Occasions: listed, made, shown, changed, opened, closed, cancelled.
namespace boxoffice::gateway {

namespace {

using projections::AvailabilityById;
using projections::OccasionById;
using projections::OccasionList;
using projections::OccasionView;

/// The pointer to a name that nobody could read; nullopt: there is none.
std::optional<std::string> unreadable_name(const schema::OccasionDetails& details) {
  if (!is_readable_name(details.name)) return "/name";
  for (std::size_t i = 0; i < details.pools.size(); ++i) {
    if (!is_readable_name(details.pools[i].name)) return "/pools/" + std::to_string(i) + "/name";
  }
  return std::nullopt;
}

/// False: such details will not do, and the reply is sent.
bool details_will_do(const Call& call, const schema::OccasionDetails& details, http::Reply& reply) {
  if (!call.environment.time_zones.contain(details.time_zone)) {
    refuse(reply, {.name = "bad_time_zone",
                   .detail = "This is no name of the IANA time zone database.",
                   .field = "/time_zone"});
    return false;
  }
  if (auto field = unreadable_name(details)) {
    refuse(
        reply,
        {.name = "out_of_range", .detail = std::string(kReadableName), .field = std::move(*field)});
    return false;
  }
  const auto problem = domain::problem_of(details);
  // Whether there are codes enough is a rule of the game, and so for `decide`.
  if (!problem || problem->refusal == schema::OccasionRefusal::codes_exhausted) return true;
  refuse(
      reply,
      {.name = "out_of_range", .detail = sentence_of(problem->detail), .field = problem->pointer});
  return false;
}

/// Details that fit any patch that is right in itself.
schema::OccasionDetails details_that_will_do() {
  return {.name = "any",
          .time_zone = OccasionBody().time_zone,
          .pools = {{.name = "any", .capacity = 1}},
          .codes = {.length = 32, .alphabet = domain::default_alphabet()},
          .totp = domain::default_totp(),
          .admission = domain::default_admission()};
}

/// nullopt: that hangs on who made it.
std::optional<bool> may_see_draft(const Call& call, const schema::OccasionId& id) {
  if (call.principal && call.principal->occasion == id) return true;
  return may_organize(call, id);
}

bool may_see_draft(const Call& call, const schema::OccasionId& id, const OccasionView* view) {
  if (const auto known = may_see_draft(call, id)) return *known;
  return may_organize(call, id, view);
}

void refuse_unknown(http::Reply& reply) {
  refuse(reply, "unknown_occasion", "There is no occasion of this id.");
}

void send_occasion(const event_log::CommittedEvent& event, schema::OccasionState state,
                   const schema::OccasionDetails& details, int status, http::Reply& reply) {
  const auto id = *schema::id_from_text<schema::OccasionId>(event.envelope.subject);
  std::string body;
  write_occasion(body, id, state, details);
  reply.add_header("ETag", etag(event.envelope.position.sequence));
  reply.send(status, http::kJson, body);
}

void render_created(const Environment&, const event_log::CommittedEvent& event, http::Reply reply) {
  const auto& created = std::get<schema::OccasionCreated>(event.event);
  reply.add_header("Location", "/v1/occasions/" + event.envelope.subject);
  send_occasion(event, created.state, created.details, 201, reply);
}

void render_changed(const Environment&, const event_log::CommittedEvent& event, http::Reply reply) {
  const auto& changed = std::get<schema::OccasionChanged>(event.event);
  send_occasion(event, changed.state, changed.details, 200, reply);
}

void render_stepped(const Environment&, const event_log::CommittedEvent& event, http::Reply reply) {
  std::visit(
      [&](const auto& stepped) {
        if constexpr (schema::OccasionStepped<std::remove_cvref_t<decltype(stepped)>>)
          send_occasion(event, stepped.state, stepped.details, 200, reply);
      },
      event.event);
}

/// Where the caller may organize the occasion in the path, `then(call, reply, id, view)`.
template <class Then>
void ask_as_organizer(Call& call, http::Reply reply, Then then) {
  const auto id = occasion_in_path(call, reply);
  if (!id) return;
  ask(call, std::move(reply), OccasionById{*id},
      [id = *id, then](Call& same, http::Reply to, const OccasionById::Answer& view) {
        if (may_organize(same, id, view.get())) return then(same, std::move(to), id, view.get());
        refuse(to, "forbidden", "This key is not for organizing this occasion.");
      });
}

/// `If-Match`, for `decide`. nullopt: it is malformed, and the reply is sent.
std::optional<std::optional<schema::Sequence>> condition_of(const Call& call,
                                                            const OccasionView* view,
                                                            http::Reply& reply) {
  auto condition =
      if_match_of(call.request, view ? std::optional(view->last_event.sequence) : std::nullopt);
  if (!condition) {
    refuse(reply, {.name = "bad_condition",
                   .detail = "If-Match has entity tags as the ETag header gave them, or *.",
                   .field = "If-Match"});
  }
  return condition;
}

void step_occasion(Call& call, http::Reply reply, const schema::OccasionId& id,
                   const OccasionView* view, schema::OccasionStep step) {
  const auto condition = condition_of(call, view, reply);
  EmptyBody body;
  if (!condition || !read_body(call, reply, body)) return;
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;
  submit(call, std::move(reply), std::move(*named),
         {.subject = id.as<domain::SubjectTag>(),
          .command = schema::StepOccasion{.step = step, .if_match = *condition},
          .render = render_stepped,
          .until_read = true});
}

void step_occasion(Call& call, http::Reply reply, schema::OccasionStep step) {
  ask_as_organizer(
      call, std::move(reply),
      [step](Call& same, http::Reply to, const schema::OccasionId& id, const OccasionView* view) {
        step_occasion(same, std::move(to), id, view, step);
      });
}

void change_occasion(Call& call, http::Reply reply, const schema::OccasionId& id,
                     const OccasionView* view) {
  const auto condition = condition_of(call, view, reply);
  OccasionPatch patch;
  if (!condition || !read_body(call, reply, patch)) return;
  schema::ChangeOccasion command{
      .change = change_of(std::move(patch), view ? &view->details : nullptr),
      .if_match = *condition};
  // Only the patch is judged here, so that a repeat is judged as the first time was; whether it
  // fits the occasion is for `decide`.
  const schema::OccasionDetails tried = domain::merged(details_that_will_do(), command.change);
  if (!details_will_do(call, tried, reply)) return;
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;
  submit(call, std::move(reply), std::move(*named),
         {.subject = id.as<domain::SubjectTag>(),
          .command = std::move(command),
          .render = render_changed,
          .until_read = true});
}

void send_shown(const Call& call, http::Reply& reply, const OccasionView& view) {
  const std::string tag = etag(view.last_event.sequence);
  reply.add_header("ETag", tag);
  if (names_tag(call.request, tag)) return reply.send(304, {}, {});
  std::string body;
  write_occasion(body, view.id, view.state, view.details);
  reply.send(200, http::kJson, body);
}

void send_availability(const Call& call, http::Reply& reply,
                       const projections::AvailabilityView& view) {
  const std::string tag = etag(view.position.sequence);
  reply.add_header("ETag", tag);
  if (names_tag(call.request, tag)) return reply.send(304, {}, {});
  reply.send(200, http::kJson, view.body);
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
  ask(call, std::move(reply),
      OccasionList{.states = {*state},
                   .scope = everyones ? projections::Scope() : organized_by(*call.principal),
                   .after = page->after,
                   .limit = page->limit},
      [](Call&, http::Reply to, const OccasionList::Answer& found) {
        send_page(to, found, [](std::string& out, const OccasionView& view) {
          write_occasion(out, view.id, view.state, view.details);
        });
      });
}

void create_occasion(Call& call, http::Reply reply) {
  if (call.principal->occasion) {
    return refuse(reply, "forbidden", "A key for one occasion makes no others.");
  }
  OccasionBody body;
  if (!read_body(call, reply, body)) return;
  schema::CreateOccasion command{.details = details_of(std::move(body))};
  if (!details_will_do(call, command.details, reply)) return;
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
  ask(call, std::move(reply), OccasionById{*id},
      [](const Call& same, http::Reply to, const OccasionById::Answer& view) {
        const bool is_seen = view && (view->state != schema::OccasionState::draft ||
                                      may_see_draft(same, view->id, view.get()));
        if (!is_seen) return refuse_unknown(to);
        send_shown(same, to, *view);
      });
}

void change_occasion(Call& call, http::Reply reply) {
  ask_as_organizer(
      call, std::move(reply),
      [](Call& same, http::Reply to, const schema::OccasionId& id, const OccasionView* view) {
        change_occasion(same, std::move(to), id, view);
      });
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
  ask(call, std::move(reply), AvailabilityById{*id},
      [id = *id](Call& same, http::Reply to, const AvailabilityById::Answer& view) {
        if (!view) return refuse_unknown(to);
        const bool is_draft = view->state == schema::OccasionState::draft;
        const std::optional<bool> is_seen = is_draft ? may_see_draft(same, id) : true;
        if (is_seen) return *is_seen ? send_availability(same, to, *view) : refuse_unknown(to);
        ask(same, std::move(to), OccasionById{id},
            [id, view](const Call& call, http::Reply reply, const OccasionById::Answer& occasion) {
              if (!may_see_draft(call, id, occasion.get())) return refuse_unknown(reply);
              send_availability(call, reply, *view);
            });
      });
}

}  // namespace boxoffice::gateway
