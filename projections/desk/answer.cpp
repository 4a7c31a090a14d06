#include "projections/desk/answer.hpp"

namespace boxoffice::projections {
namespace {

/// Pages of a model that are looked through for one answer, where most of what they hold is not
/// wanted. What is further on is behind `next`.
constexpr int kPagesMax = 50;

bool contains(const Scope& scope, const OccasionView& occasion) {
  if (const auto* id = std::get_if<schema::OccasionId>(&scope)) return occasion.id == *id;
  if (const auto* maker = std::get_if<schema::KeyId>(&scope)) return occasion.organizer == *maker;
  return true;
}

bool contains(const Queries& queries, const KeyList& wanted, const KeyView& key) {
  if (wanted.occasion && key.occasion != wanted.occasion) return false;
  if (std::holds_alternative<std::monostate>(wanted.scope)) return true;
  if (!key.occasion) return false;
  if (const auto* id = std::get_if<schema::OccasionId>(&wanted.scope)) return key.occasion == *id;
  const auto occasion = queries.occasion(*key.occasion);
  return occasion && contains(wanted.scope, *occasion);
}

/// `page(after, limit)` asks the model, `is_wanted(item)` says what of it counts.
template <class T>
QueryResult<Page<T>> sift(const auto& wanted, const auto& page, const auto& is_wanted) {
  Page<T> sifted{.items = {}, .next = wanted.after};
  for (int pages = 0; pages < kPagesMax && sifted.next && sifted.items.size() < wanted.limit;
       ++pages) {
    auto found = page(*sifted.next, wanted.limit - sifted.items.size());
    if (!found) return found;
    for (T& item : found->items)
      if (is_wanted(*item)) sifted.items.push_back(std::move(item));
    sifted.next = std::move(found->next);
  }
  return sifted;
}

Arrival::Answer answer_to(const Queries&, const Arrival&) { return {}; }

OccasionById::Answer answer_to(const Queries& queries, const OccasionById& asked) {
  return queries.occasion(asked.id);
}

OccasionList::Answer answer_to(const Queries& queries, const OccasionList& asked) {
  return sift<std::shared_ptr<const OccasionView>>(
      asked,
      [&](std::string_view after, std::size_t limit) {
        return queries.occasions(asked.states, after, limit);
      },
      [&](const OccasionView& occasion) { return contains(asked.scope, occasion); });
}

AvailabilityById::Answer answer_to(const Queries& queries, const AvailabilityById& asked) {
  return queries.availability(asked.id);
}

ClaimById::Answer answer_to(const Queries& queries, const ClaimById& asked) {
  return queries.claim(asked.occasion, asked.id);
}

KeyFound answer_to(const Queries& queries, const KeyById& asked) {
  KeyFound found{.key = queries.key(asked.id), .occasion = nullptr};
  if (found.key && found.key->occasion) found.occasion = queries.occasion(*found.key->occasion);
  return found;
}

KeyList::Answer answer_to(const Queries& queries, const KeyList& asked) {
  return sift<std::shared_ptr<const KeyView>>(
      asked, [&](std::string_view after, std::size_t limit) { return queries.keys(after, limit); },
      [&](const KeyView& key) { return contains(queries, asked, key); });
}

AuditTrail::Answer answer_to(const Queries& queries, const AuditTrail& asked) {
  return queries.audit(asked.filter, asked.after, asked.limit);
}

WrappedKeys::Answer answer_to(const Queries& queries, const WrappedKeys& asked) {
  std::vector<std::optional<std::string>> keys;
  for (const auto& [partition, name] : asked.names) {
    auto key = queries.wrapped_key(partition, name);
    if (!key) return std::unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace

Answer answer(const Queries& queries, const Question& question) {
  return std::visit([&](const auto& asked) -> Answer { return answer_to(queries, asked); },
                    question);
}

}  // namespace boxoffice::projections
