#include <spdlog/spdlog.h>

#include <algorithm>
#include <variant>

#include "events-schema/codec.hpp"
#include "events-schema/json_writer.hpp"
#include "gateway/routes/command.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/lists.hpp"

// The audit trail: the events as they are on the log, and for those who may what is sealed in them.
namespace boxoffice::gateway {

namespace {

using projections::AuditFilter;
using projections::AuditItem;

/// A type of event, with or without its prefix. Any other would find nothing, and a misspelt one
/// must not look like an answer.
std::optional<std::string> type_text(std::string_view text) {
  constexpr std::string_view kPrefix = "boxoffice.";
  const std::string_view name = text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
  const bool known = []<class... Events>(std::string_view wanted, std::variant<Events...>*) {
    return ((wanted == Events::kName) || ...);
  }(name, static_cast<schema::Event*>(nullptr));
  return known ? std::optional(std::string(text)) : std::nullopt;
}

/// Names of principals. Nothing else, for the filter of an opening is written onto the log.
std::optional<std::string> name_text(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (text.empty() || text.size() > 100 || !std::ranges::all_of(text, good)) return std::nullopt;
  return std::string(text);
}

/// `person` is an id, or an address, which is turned into one.
bool read_person(const Call& call, http::Reply& reply, AuditFilter& filter) {
  const std::string* text = call.query.find("person");
  if (text == nullptr) return true;
  filter.person = schema::id_from_text<schema::PersonId>(*text);
  if (!filter.person) {
    if (const auto address = sealing::normalized_address(*text)) {
      filter.person = call.services().vault.person(*address);
    }
  }
  if (!filter.person)
    refuse_parameter(reply, "person", "This is neither a person's id nor an e-mail address.");
  return filter.person.has_value();
}

/// `principal` and `device` are the same; given both, they must agree.
bool read_principal(const Call& call, http::Reply& reply, AuditFilter& filter) {
  std::optional<std::string> device;
  if (!read_parameter(call, reply, "principal", name_text, filter.principal) ||
      !read_parameter(call, reply, "device", name_text, device)) {
    return false;
  }
  if (device && filter.principal && device != filter.principal) {
    refuse_parameter(reply, "device", "The device and the principal are not the same.");
    return false;
  }
  if (device) filter.principal = device;
  return true;
}

std::optional<AuditFilter> read_filter(const Call& call, http::Reply& reply) {
  AuditFilter filter;
  const bool read = read_parameter(call, reply, "occasion",
                                   schema::id_from_text<schema::OccasionId>, filter.occasion) &&
                    read_person(call, reply, filter) &&
                    read_parameter(call, reply, "ticket", schema::id_from_text<schema::TicketId>,
                                   filter.ticket) &&
                    read_principal(call, reply, filter) &&
                    read_parameter(call, reply, "type", type_text, filter.type) &&
                    read_time(call, reply, "from", filter.from) &&
                    read_time(call, reply, "to", filter.to);
  return read ? std::optional(std::move(filter)) : std::nullopt;
}

/// Whoever is not there for all occasions must ask for one of theirs.
bool may_read(const Call& call, const AuditFilter& filter, http::Reply& reply) {
  const Principal& principal = *call.principal;
  const bool everything =
      principal.is_admin() || (principal.role == schema::Role::auditor && !principal.occasion);
  if (everything) return true;
  const bool limited = principal.occasion && principal.role != schema::Role::organizer;
  if (filter.occasion &&
      (limited ? *filter.occasion == *principal.occasion : may_organize(call, *filter.occasion))) {
    return true;
  }
  refuse(reply, "forbidden", "This key must ask for an occasion of its own.");
  return false;
}

std::string items_of(const projections::Page<AuditItem>& page, std::string_view extensions) {
  ListBody body;
  for (const AuditItem& item : page.items) body.next_item() += item.value;
  return std::move(body).finished(page.next, extensions);
}

/// The address that is sealed in an event; nullopt: none is, or its key was destroyed.
std::optional<std::string> opened_address(const Environment& environment, const AuditItem& item) {
  schema::Envelope envelope;
  schema::Event event;
  std::string padded;
  padded.reserve(item.value.size() + schema::kPadding);
  padded = item.value;
  thread_local schema::Reader reader;
  if (const auto read = reader.event(padded, envelope, event); !read) {
    spdlog::error("the event at {} cannot be read: {} {}", schema::to_text(item.position),
                  read.error().pointer, read.error().detail);
    return std::nullopt;
  }
  const auto* claimed = std::get_if<schema::TicketClaimed>(&event);
  if (claimed == nullptr) return std::nullopt;
  const auto name = sealing::Vault::key_name(claimed->person, claimed->address);
  if (!name) return std::nullopt;
  const auto wrapped = environment.services.wrapped_key(item.position.partition, *name);
  if (!wrapped) return std::nullopt;
  return environment.services.vault.open(claimed->address, *wrapped, claimed->person);
}

/// The member `opened`: by event id, what was sealed in it; absent where its key is gone.
std::string opened_of(const Environment& environment, const projections::Page<AuditItem>& page) {
  std::string out = ",\"opened\":";
  schema::JsonWriter json(out);
  out += '{';
  for (const AuditItem& item : page.items) {
    if (const auto address = opened_address(environment, item)) {
      json.key(schema::event_id(item.position))
          .begin_object()
          .member("address", *address)
          .end_object();
    }
  }
  out += '}';
  return out;
}

/// The query as it is put on record: the person by id, never by address.
std::string text_of(const AuditFilter& filter, const PageWanted& page) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  };
  if (filter.occasion) add("occasion", schema::to_text(*filter.occasion));
  if (filter.person) add("person", schema::to_text(*filter.person));
  if (filter.ticket) add("ticket", schema::to_text(*filter.ticket));
  if (filter.principal) add("principal", *filter.principal);
  if (filter.type) add("type", *filter.type);
  if (filter.from) add("from", schema::to_text(*filter.from));
  if (filter.to) add("to", schema::to_text(*filter.to));
  if (!page.after.empty() && page.after.size() <= 200) add("after", page.after);
  add("limit", std::to_string(page.limit));
  return text;
}

/// First it is on the log that the data was opened, then it is shown.
void open_audit(Call& call, http::Reply reply, AuditFilter filter, PageWanted page) {
  const std::string id = schema::to_text(call.principal->id);
  const std::string key = sealing::random_text();  // each opening is one of its own
  std::string text = text_of(filter, page);
  const auto identity = call.services().vault.identity(id, id, key, text);
  submit(call, std::move(reply), {.identity = identity, .idempotency_key = key},
         {.subject = call.principal->id.as<domain::SubjectTag>(),
          .command = schema::OpenSealedData{.filter = std::move(text)},
          .render = [filter = std::move(filter), page = std::move(page)](
                        const Environment& environment, const event_log::CommittedEvent&,
                        http::Reply& to) {
            const auto found = environment.services.queries.audit(filter, page.after, page.limit);
            if (!found) return refuse_query(to, found.error());
            to.send(200, http::kJson, items_of(*found, opened_of(environment, *found)));
          }});
}

}  // namespace

void list_audit(Call& call, http::Reply reply) {
  const auto page = page_wanted(call, reply);
  if (!page) return;
  const auto filter = read_filter(call, reply);
  if (!filter || !may_read(call, *filter, reply)) return;
  const std::string* open = call.query.find("open");
  if (open != nullptr && *open != "true" && *open != "false") {
    return refuse_parameter(reply, "open", "This is true or false.");
  }
  if (open == nullptr || *open == "false") {
    const auto found = call.services().queries.audit(*filter, page->after, page->limit);
    if (!found) return refuse_query(reply, found.error());
    return reply.send(200, http::kJson, items_of(*found, {}));
  }
  if (!call.is(Who::auditor) && !call.is(Who::admin)) {
    return refuse(reply, "forbidden", "Sealed data is opened for auditors and admins.");
  }
  open_audit(call, std::move(reply), *filter, *page);
}

}  // namespace boxoffice::gateway
