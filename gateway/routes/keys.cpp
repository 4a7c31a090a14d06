#include "gateway/bodies.hpp"
#include "gateway/routes/asking.hpp"
#include "gateway/routes/body.hpp"
#include "gateway/routes/command.hpp"
#include "gateway/routes/entity_tags.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/lists.hpp"
#include "gateway/routes/names.hpp"
#include "gateway/routes/resources.hpp"

// Keys: listed, made, deleted.
namespace boxoffice::gateway {

namespace {

using projections::KeyById;
using projections::KeyList;
using projections::OccasionById;
using projections::OccasionView;

/// What an organizer may make: keys for the occasion, of roles that see nobody's data without
/// leave.
bool may_make(const Call& call, schema::Role wanted,
              const std::optional<schema::OccasionId>& occasion, const OccasionView* view) {
  if (call.principal->is_admin()) return true;
  const bool role = wanted == schema::Role::gate || wanted == schema::Role::supervisor ||
                    wanted == schema::Role::organizer || wanted == schema::Role::analyst;
  return role && occasion && may_organize(call, *occasion, view);
}

bool may_see(const Call& call, const projections::KeyFound& found) {
  if (call.principal->is_admin()) return true;
  return found.key->occasion && may_organize(call, *found.key->occasion, found.occasion.get());
}

void show_keys(Call& call, http::Reply reply, const std::optional<schema::OccasionId>& occasion,
               const PageWanted& page) {
  ask(call, std::move(reply),
      KeyList{.scope = organized_by(*call.principal),
              .occasion = occasion,
              .after = page.after,
              .limit = page.limit},
      [](Call&, http::Reply to, const KeyList::Answer& found) { send_page(to, found, write_key); });
}

void render_created(const Environment& environment, const event_log::CommittedEvent& event,
                    http::Reply reply) {
  const auto& created = std::get<schema::KeyCreated>(event.event);
  const auto id = *schema::id_from_text<schema::KeyId>(event.envelope.subject);
  std::string body;
  schema::JsonWriter json(body);
  json.begin_object()
      .member("id", id)
      .member("key", environment.services.vault.key_text(id))
      .member("name", created.name)
      .member("role", to_text(created.role));
  member_or_null(json, "occasion", created.occasion);
  json.end_object();
  reply.add_header("ETag", etag(event.envelope.position.sequence));
  reply.send(201, http::kJson, body);
}

void render_deleted(const Environment&, const event_log::CommittedEvent&, http::Reply reply) {
  reply.send(204, {}, {});
}

void create_key(Call& call, http::Reply reply, KeyBody body,
                const std::optional<schema::OccasionId>& occasion, const OccasionView* view) {
  if (!may_make(call, body.role, occasion, view)) {
    return refuse(reply, "forbidden", "This key may not make a key of that role and occasion.");
  }
  if (!is_readable_name(body.name)) {
    return refuse(reply,
                  {.name = "out_of_range", .detail = std::string(kReadableName), .field = "/name"});
  }
  if (body.occasion && view == nullptr) {
    return refuse(reply, {.name = "unknown_occasion",
                          .detail = "There is no occasion of this id.",
                          .field = "/occasion"});
  }
  auto named = name_command(call, reply, "keys");
  if (!named) return;
  const auto id = named->identity.id.as<schema::KeyTag>();
  const std::string text = call.services().vault.key_text(id);
  submit(call, std::move(reply), std::move(*named),
         {.subject = id.as<domain::SubjectTag>(),
          .command = schema::CreateKey{.name = std::move(body.name),
                                       .role = body.role,
                                       .occasion = occasion,
                                       .hash = sealing::Vault::key_hash(text)},
          .render = render_created,
          .until_read = true});
}

void delete_key(Call& call, http::Reply reply, const schema::KeyId& id,
                const projections::KeyFound& found) {
  // One that is gone is decided on, too: this may be the repeat of the request that deleted it.
  if (found.key && !may_see(call, found)) {
    return refuse(reply, "forbidden", "This key may not delete that one.");
  }
  EmptyBody body;
  if (!read_body(call, reply, body)) return;
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;
  submit(call, std::move(reply), std::move(*named),
         {.subject = id.as<domain::SubjectTag>(),
          .command = schema::DeleteKey{},
          .render = render_deleted,
          .until_read = true});
}

}  // namespace

void list_keys(Call& call, http::Reply reply) {
  const auto page = page_wanted(call, reply);
  std::optional<schema::OccasionId> occasion;
  if (!page || !read_parameter(call, reply, "occasion", schema::id_from_text<schema::OccasionId>,
                               occasion)) {
    return;
  }
  // Of an occasion of somebody else's an empty list would look like an answer.
  const std::optional<bool> known = occasion ? may_organize(call, *occasion) : true;
  if (known) {
    return *known ? show_keys(call, std::move(reply), occasion, *page)
                  : refuse_other_occasion(reply);
  }
  ask(call, std::move(reply), OccasionById{*occasion},
      [occasion, page = *page](Call& same, http::Reply to, const OccasionById::Answer& view) {
        if (!may_organize(same, *occasion, view.get())) return refuse_other_occasion(to);
        show_keys(same, std::move(to), occasion, page);
      });
}

void create_key(Call& call, http::Reply reply) {
  KeyBody body;
  if (!read_body(call, reply, body)) return;
  std::optional<schema::OccasionId> occasion;
  if (body.occasion) occasion = schema::id_from_text<schema::OccasionId>(*body.occasion);
  if (!occasion) return create_key(call, std::move(reply), std::move(body), occasion, nullptr);
  ask(call, std::move(reply), OccasionById{*occasion},
      [body = std::move(body), occasion](Call& same, http::Reply to,
                                         const OccasionById::Answer& view) mutable {
        create_key(same, std::move(to), std::move(body), occasion, view.get());
      });
}

void delete_key(Call& call, http::Reply reply) {
  const auto id = schema::id_from_text<schema::KeyId>(call.parts[0]);
  if (!id) return refuse(reply, "unknown_key", "There is no key of this id.");
  ask(call, std::move(reply), KeyById{*id},
      [id = *id](Call& same, http::Reply to, const KeyById::Answer& found) {
        delete_key(same, std::move(to), id, found);
      });
}

}  // namespace boxoffice::gateway
