
#include <algorithm>
#include <variant>

#include "events-schema/codec.hpp"
#include "events-schema/json_writer.hpp"
#include "gateway/routes/asking.hpp"
#include "gateway/routes/command.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/lists.hpp"
#include "journal/journal.hpp"

// The audit trail: the events as they are on the log, and for those who may what is sealed in them.
namespace boxoffice::gateway {

namespace {

using projections::AuditFilter;
using projections::AuditItem;
using projections::AuditTrail;
using projections::OccasionById;
using projections::WrappedKeys;

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

/// A key for one occasion asks for that one where it names none.
void ask_for_own_occasion(const Call& call, AuditFilter& filter) {
  if (!filter.occasion) filter.occasion = call.principal->occasion;
}

/// Whoever is not there for all occasions must ask for one of theirs. nullopt: whether it is hangs
/// on who made it.
std::optional<bool> may_read(const Call& call, const AuditFilter& filter) {
  const Principal& principal = *call.principal;
  const bool everything =
      principal.is_admin() || (principal.role == schema::Role::auditor && !principal.occasion);
  if (everything) return true;
  if (!filter.occasion) return false;
  const bool limited = principal.occasion && principal.role != schema::Role::organizer;
  if (limited) return *filter.occasion == *principal.occasion;
  return may_organize(call, *filter.occasion);
}

std::string items_of(const projections::Page<AuditItem>& page, std::string_view extensions) {
  ListBody body;
  for (const AuditItem& item : page.items) body.next_item() += item.value;
  return std::move(body).finished(page.next, extensions);
}

/// What is sealed in an event.
struct Sealed {
  schema::Position event;
  schema::PersonId person;
  std::string address;
};

/// nullopt: nothing is.
std::optional<Sealed> sealed_in(const AuditItem& item) {
  schema::Envelope envelope;
  schema::Event event;
  std::string padded;
  padded.reserve(item.value.size() + schema::kPadding);
  padded = item.value;
  thread_local schema::Reader reader;
  if (const auto read = reader.event(padded, envelope, event); !read) {
    const std::string why = read.error().pointer + " " + read.error().detail;
    journal::error("event_unreadable",
                   "the event at " + schema::to_text(item.position) + " cannot be read: " + why)
        .at(item.position)
        .with("error", why);
    return std::nullopt;
  }
  const auto* claimed = std::get_if<schema::TicketClaimed>(&event);
  if (claimed == nullptr) return std::nullopt;
  return Sealed{item.position, claimed->person, std::string(claimed->address)};
}

/// What of a page is sealed, and the names of the keys that open it, in the same order.
struct ToOpen {
  std::vector<Sealed> sealed;
  WrappedKeys keys;
};

ToOpen to_open(const projections::Page<AuditItem>& page) {
  ToOpen wanted;
  for (const AuditItem& item : page.items) {
    auto sealed = sealed_in(item);
    const auto name =
        sealed ? sealing::Vault::key_name(sealed->person, sealed->address) : std::nullopt;
    if (!name) continue;
    wanted.keys.names.push_back({item.position.partition, *name});
    wanted.sealed.push_back(std::move(*sealed));
  }
  return wanted;
}

/// The member `opened`: by event id, what was sealed in it; absent where its key is gone.
std::string opened_of(const sealing::Vault& vault, const std::vector<Sealed>& sealed,
                      const std::vector<std::optional<std::string>>& keys) {
  std::string out = ",\"opened\":";
  schema::JsonWriter json(out);
  out += '{';
  for (std::size_t i = 0; i < sealed.size() && i < keys.size(); ++i) {
    const auto& [event, person, text] = sealed[i];
    const auto address = keys[i] ? vault.open(text, *keys[i], person) : std::nullopt;
    if (!address) continue;
    json.key(schema::event_id(event)).begin_object().member("address", *address).end_object();
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

/// A page with what opens it.
struct Opening {
  projections::Page<AuditItem> page;
  std::vector<Sealed> sealed;
  std::vector<std::optional<std::string>> keys;
};

/// Shows it once it is on the log that it was opened.
void record_opening(Call& call, http::Reply reply, std::string filter, Opening read) {
  const std::string id = schema::to_text(call.principal->id);
  const std::string key = sealing::random_text();  // each opening is one of its own
  const auto identity = call.services().vault.identity(id, id, key, filter);
  submit(call, std::move(reply), {.identity = identity, .idempotency_key = key},
         {.subject = call.principal->id.as<domain::SubjectTag>(),
          .command = schema::OpenSealedData{.filter = std::move(filter)},
          .render = [opening = std::make_shared<const Opening>(std::move(read))](
                        const Environment& environment, const event_log::CommittedEvent&,
                        http::Reply to) {
            const auto& [page, sealed, keys] = *opening;
            to.send(200, http::kJson,
                    items_of(page, opened_of(environment.services.vault, sealed, keys)));
          }});
}

/// Everything is read first, so that no opening is on record of what nobody was shown.
void open_audit(Call& call, http::Reply reply, const AuditFilter& filter, const PageWanted& page) {
  ask(call, std::move(reply), AuditTrail{filter, page.after, page.limit},
      [text = text_of(filter, page)](Call& same, http::Reply to, AuditTrail::Answer found) {
        if (!found) return refuse_query(to, found.error());
        auto [sealed, wanted] = to_open(*found);
        Opening opening{.page = *std::move(found), .sealed = std::move(sealed), .keys = {}};
        ask(same, std::move(to), std::move(wanted),
            [text, opening = std::move(opening)](Call& call, http::Reply reply,
                                                 WrappedKeys::Answer keys) mutable {
              if (!keys) return refuse_query(reply, keys.error());
              opening.keys = *std::move(keys);
              record_opening(call, std::move(reply), text, std::move(opening));
            });
      });
}

void show_audit(Call& call, http::Reply reply, const AuditFilter& filter, const PageWanted& page) {
  const std::string* open = call.query.find("open");
  if (open != nullptr && *open != "true" && *open != "false") {
    return refuse_parameter(reply, "open", "This is true or false.");
  }
  if (open != nullptr && *open == "true") {
    if (call.is(Who::auditor) || call.is(Who::admin))
      return open_audit(call, std::move(reply), filter, page);
    return refuse(reply, "forbidden", "Sealed data is opened for auditors and admins.");
  }
  ask(call, std::move(reply), AuditTrail{filter, page.after, page.limit},
      [](Call&, http::Reply to, const AuditTrail::Answer& found) {
        if (!found) return refuse_query(to, found.error());
        to.send(200, http::kJson, items_of(*found, {}));
      });
}

}  // namespace

void list_audit(Call& call, http::Reply reply) {
  const auto page = page_wanted(call, reply);
  if (!page) return;
  auto filter = read_filter(call, reply);
  if (!filter) return;
  ask_for_own_occasion(call, *filter);
  const std::optional<bool> known = may_read(call, *filter);
  if (known)
    return *known ? show_audit(call, std::move(reply), *filter, *page)
                  : refuse_other_occasion(reply);
  ask(call, std::move(reply), OccasionById{*filter->occasion},
      [filter = *filter, page = *page](Call& same, http::Reply to,
                                       const OccasionById::Answer& occasion) {
        if (!may_organize(same, *filter.occasion, occasion.get())) return refuse_other_occasion(to);
        show_audit(same, std::move(to), filter, page);
      });
}

}  // namespace boxoffice::gateway
