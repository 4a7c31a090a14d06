// Asking the read models, and holding their answers against history.

#include <algorithm>

#include "tests/simulation/views.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

using projections::AuditFilter;
using projections::ClaimState;
using projections::Queries;
using schema::Position;

namespace {

constexpr std::size_t kAuditSearches = 4;

/// All items of a list, by pages of a few.
template <class Item>
std::vector<Item> all_pages(const auto& page_after) {
  std::vector<Item> items;
  std::string after;
  for (;;) {
    auto page = page_after(after);
    if (!page) throw Violation("a list is not answered, though nothing fails");
    std::ranges::move(page->items, std::back_inserter(items));
    if (!page->next) return items;
    after = *page->next;
  }
}

bool has_member(const Recorded& event, const char* name, const std::string& value) {
  return event.value.find("\"" + std::string(name) + "\":\"" + value + "\"") != std::string::npos;
}

}  // namespace

void Views::check(const Queries& models, Random& random) const {
  check_occasions(models);
  check_claims(models);
  check_keys(models);
  check_audit(models, random);
}

void Views::check_occasions(const Queries& models) const {
  for (const auto& [id, expected] : occasions_) {
    const auto about = expected.last_event_about_it;
    const auto shown = models.occasion(id);
    demand(shown && shown->id == id && shown->state == expected.view.state &&
               shown->details == expected.view.details &&
               shown->organizer == expected.view.organizer &&
               shown->last_event == expected.view.last_event,
           about, "an occasion is shown otherwise than history has it");
    const auto availability = models.availability(id);
    demand(availability && availability->body == availability_body(expected) &&
               availability->position == about && availability->state == expected.view.state,
           about, "availability differs from history");
  }
  const auto listed = all_pages<std::shared_ptr<const projections::OccasionView>>(
      [&](const std::string& after) { return models.occasions({}, after, 2); });
  if (!std::ranges::equal(
          listed, occasions_, {}, [](const auto& view) { return view->id; },
          [](const auto& entry) { return entry.first; }))
    throw Violation("the list of occasions differs from history");
}

void Views::check_claims(const Queries& models) const {
  for (const auto& [id, expected] : claims_) {
    const auto found = models.claim(expected.occasion, id);
    demand(found && found->has_value(), expected.last_event, "a claim is not shown");
    const projections::ClaimView& shown = **found;
    const bool expires =
        expected.state == ClaimState::held || expected.state == ClaimState::expired;
    demand(shown.occasion == expected.occasion && shown.id == id &&
               shown.person == expected.person && shown.ticket == expected.ticket &&
               shown.pool == expected.pool && shown.number == expected.number &&
               shown.state == expected.state && shown.last_event == expected.last_event &&
               shown.expires_at == (expires ? expected.expires_at : std::nullopt),
           expected.last_event, "a claim is shown otherwise than history has it");
  }
}

void Views::check_keys(const Queries& models) const {
  for (const auto& [id, expected] : keys_) {
    const auto shown = models.key(id);
    demand(shown && shown->id == id && shown->name == expected.name &&
               shown->role == expected.role && shown->occasion == expected.occasion &&
               shown->hash == expected.hash && shown->created_at == expected.created_at &&
               shown->last_used_at == expected.last_used_at &&
               shown->last_event == expected.last_event,
           expected.last_event, "a key is shown otherwise than history has it");
  }
  for (const auto& [id, position] : deleted_)
    demand(models.key(id) == nullptr, position, "a deleted key works");
  const auto listed = all_pages<std::shared_ptr<const projections::KeyView>>(
      [&](const std::string& after) { return models.keys(after, 2); });
  if (!std::ranges::equal(
          listed, keys_, {}, [](const auto& view) { return view->id; },
          [](const auto& entry) { return entry.first; }))
    throw Violation("the list of keys differs from history");
}

void Views::check_audit(const Queries& models, Random& random) const {
  for (std::size_t search = 0; search < kAuditSearches; ++search) {
    const AuditFilter filter = search == 0 ? AuditFilter{} : some_filter(random);
    std::vector<Position> expected;
    for (std::uint16_t i = 0; i < applied_.size(); ++i)
      for (std::uint64_t n = 1; n <= applied_[i].value; ++n)
        if (is_found_by(filter, historian_.at({{i}, {n}}))) expected.push_back({{i}, {n}});

    const std::size_t limit = random.below(20) + 1;
    const auto found = all_pages<projections::AuditItem>(
        [&](const std::string& after) { return models.audit(filter, after, limit); });
    if (!std::ranges::equal(found, expected, {}, &projections::AuditItem::position))
      throw Violation("the audit trail leaves something out, or shows what was not asked for");
    for (const projections::AuditItem& item : found)
      demand(item.value == historian_.at(item.position).value, item.position,
             "the audit trail shows another event than the log");
  }
}

/// A refusal about a claim that had ended names neither: the claim's own events do.
bool Views::is_about(const AuditFilter& filter, const Recorded& event) const {
  if (const auto ended = refused_after_end_.find(event.position());
      ended != refused_after_end_.end())
    return (!filter.person || filter.person == ended->second.person) &&
           (!filter.ticket || filter.ticket == ended->second.ticket);
  if (filter.person && !has_member(event, "person", schema::to_text(*filter.person))) return false;
  return !filter.ticket || has_member(event, "ticket", schema::to_text(*filter.ticket));
}

bool Views::is_found_by(const AuditFilter& filter, const Recorded& event) const {
  if (filter.from && event.envelope.time < *filter.from) return false;
  if (filter.to && event.envelope.time >= *filter.to) return false;
  if (filter.principal && !has_member(event, "actor", *filter.principal)) return false;
  if (filter.type && !has_member(event, "type", "boxoffice." + *filter.type)) return false;
  if (!is_about(filter, event)) return false;
  if (!filter.occasion) return true;
  const std::string occasion = schema::to_text(*filter.occasion);
  const schema::Topic topic = schema::topic_of(event.event);
  const bool is_about_one = topic == schema::Topic::occasions || topic == schema::Topic::claims;
  return has_member(event, is_about_one ? "subject" : "occasion", occasion);
}

AuditFilter Views::some_filter(Random& random) const {
  AuditFilter filter;
  const auto some_event = [&]() -> const Recorded* {
    const std::uint16_t partition = static_cast<std::uint16_t>(random.below(applied_.size()));
    const std::uint64_t end = applied_[partition].value;
    return end == 0 ? nullptr : &historian_.at({{partition}, {random.below(end) + 1}});
  };
  const Recorded* event = some_event();
  if (event == nullptr) return filter;
  if (random.chance(300)) filter.type = std::string(schema::name_of(event->event));
  if (random.chance(300) && !event->envelope.actor.empty())
    filter.principal = event->envelope.actor;
  if (random.chance(300))
    filter.occasion = schema::id_from_text<schema::OccasionId>(event->envelope.subject);
  std::visit(
      [&](const auto& data) {
        if constexpr (requires { filter.person = data.person; })
          if (random.chance(300)) filter.person = data.person;
        if constexpr (requires { filter.ticket = data.ticket; })
          if (random.chance(300)) filter.ticket = data.ticket;
      },
      event->event);
  if (random.chance(200)) filter.from = event->envelope.time;
  if (random.chance(200)) filter.to = event->envelope.time + schema::Milliseconds(1);
  return filter;
}

}  // namespace boxoffice::simulation
