#include "gateway/bodies.hpp"
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

/// What an organizer may make: keys for the occasion, of roles that see nobody's data without
/// leave.
bool may_make(const Call& call, schema::Role wanted,
              const std::optional<schema::OccasionId>& occasion) {
  if (call.principal->is_admin()) return true;
  const bool role = wanted == schema::Role::gate || wanted == schema::Role::supervisor ||
                    wanted == schema::Role::organizer || wanted == schema::Role::analyst;
  return role && occasion && may_organize(call, *occasion);
}

bool may_see(const Call& call, const projections::KeyView& key) {
  if (call.principal->is_admin()) return true;
  return key.occasion && may_organize(call, *key.occasion);
}

void render_created(const Environment& environment, const event_log::CommittedEvent& event,
                    http::Reply& reply) {
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
  reply.add_header("Location", "/v1/keys/" + event.envelope.subject);
  reply.add_header("ETag", etag(event.envelope.position.sequence));
  reply.send(201, http::kJson, body);
}

void render_deleted(const Environment&, const event_log::CommittedEvent&, http::Reply& reply) {
  reply.send(204, {}, {});
}

}  // namespace

void list_keys(Call& call, http::Reply reply) {
  const auto page = page_wanted(call, reply);
  std::optional<schema::OccasionId> occasion;
  if (!page || !read_parameter(call, reply, "occasion", schema::id_from_text<schema::OccasionId>,
                               occasion)) {
    return;
  }
  send_page(
      reply, *page,
      [&](std::string_view after, std::size_t limit) {
        return call.services().queries.keys(after, limit);
      },
      [&](const projections::KeyView& key) {
        return may_see(call, key) && (!occasion || key.occasion == occasion);
      },
      write_key);
}

void create_key(Call& call, http::Reply reply) {
  KeyBody body;
  if (!read_body(call, reply, body)) return;
  std::optional<schema::OccasionId> occasion;
  if (body.occasion) occasion = schema::id_from_text<schema::OccasionId>(*body.occasion);
  if (!may_make(call, body.role, occasion)) {
    return refuse(reply, "forbidden", "This key may not make a key of that role and occasion.");
  }
  if (!is_readable_name(body.name)) {
    return refuse(reply,
                  {.name = "out_of_range", .detail = std::string(kReadableName), .field = "/name"});
  }
  if (body.occasion && (!occasion || !call.services().queries.occasion(*occasion))) {
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

void delete_key(Call& call, http::Reply reply) {
  const auto id = schema::id_from_text<schema::KeyId>(call.parts[0]);
  if (!id) return refuse(reply, "unknown_key", "There is no key of this id.");
  // One that is gone is decided on, too: this may be the repeat of the request that deleted it.
  const auto key = call.services().queries.key(*id);
  if (key && !may_see(call, *key)) {
    return refuse(reply, "forbidden", "This key may not delete that one.");
  }
  EmptyBody body;
  if (!read_body(call, reply, body)) return;
  auto named = name_command(call, reply, call.parts[0]);
  if (!named) return;
  submit(call, std::move(reply), std::move(*named),
         {.subject = id->as<domain::SubjectTag>(),
          .command = schema::DeleteKey{},
          .render = render_deleted,
          .until_read = true});
}

}  // namespace boxoffice::gateway
