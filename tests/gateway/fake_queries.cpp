#include <algorithm>

#include "events-schema/occasion_steps.hpp"
#include "tests/gateway/stage.hpp"

namespace boxoffice::gateway_test {

using namespace projections;

namespace {

template <class T, class Items, class Keep>
Page<T> page_of(const Items& items, std::string_view after, std::size_t limit, Keep keep) {
  Page<T> page;
  for (const auto& [id, item] : items) {
    if (schema::to_text(id) <= after && !after.empty()) continue;
    if (!keep(*item)) continue;
    if (page.items.size() == limit) {
      page.next = schema::to_text(page.items.back()->id);
      break;
    }
    page.items.push_back(item);
  }
  return page;
}

}  // namespace

void FakeQueries::hold() {
  std::lock_guard lock(mutex_);
  holding_ = true;
}

void FakeQueries::release_when_awaited() {
  std::vector<std::function<void(bool)>> waiting;
  {
    std::unique_lock lock(mutex_);
    awaited_.wait_for(lock, 10s, [this] { return !waiting_.empty(); });
    holding_ = false;
    for (const auto& event : held_) apply_now(event);
    held_.clear();
    waiting.swap(waiting_);
  }
  for (const auto& then : waiting) then(true);
}

void FakeQueries::apply(const event_log::CommittedEvent& event) {
  std::lock_guard lock(mutex_);
  if (holding_)
    held_.push_back(event);
  else
    apply_now(event);
}

void FakeQueries::apply_now(const event_log::CommittedEvent& event) {
  const schema::Position position = event.envelope.position;
  items_.push_back({.position = position, .value = event.value});
  const auto put_occasion = [&](const auto& one, std::optional<schema::KeyId> organizer) {
    const auto id = *schema::id_from_text<schema::OccasionId>(event.envelope.subject);
    if (!organizer && occasions_.contains(id)) organizer = occasions_[id]->organizer;
    occasions_[id] = std::make_shared<OccasionView>(OccasionView{.id = id,
                                                                 .state = one.state,
                                                                 .details = one.details,
                                                                 .organizer = organizer,
                                                                 .last_event = position});
  };
  const auto end_claim = [&](const schema::ClaimId& id, ClaimState state) {
    claims_[id].state = state;
    claims_[id].expires_at = std::nullopt;
    claims_[id].last_event = position;
  };
  if (const auto* made = std::get_if<schema::OccasionCreated>(&event.event))
    put_occasion(*made, made->organizer);
  if (const auto* changed = std::get_if<schema::OccasionChanged>(&event.event))
    put_occasion(*changed, {});
  std::visit(
      [&](const auto& stepped) {
        if constexpr (schema::OccasionStepped<std::remove_cvref_t<decltype(stepped)>>)
          put_occasion(stepped, {});
      },
      event.event);
  if (const auto* claimed = std::get_if<schema::TicketClaimed>(&event.event)) {
    claims_[claimed->claim] = {
        .occasion = *schema::id_from_text<schema::OccasionId>(event.envelope.subject),
        .id = claimed->claim,
        .person = claimed->person,
        .ticket = claimed->ticket,
        .pool = claimed->pool,
        .number = static_cast<std::uint32_t>(claimed->number),
        .state = ClaimState::held,
        .expires_at = claimed->expires_at,
        .last_event = position};
  }
  if (const auto* one = std::get_if<schema::ClaimConfirmed>(&event.event))
    end_claim(one->claim, ClaimState::confirmed);
  if (const auto* one = std::get_if<schema::ClaimReleased>(&event.event))
    end_claim(one->claim, ClaimState::released);
  if (const auto* made = std::get_if<schema::KeyCreated>(&event.event)) {
    const auto id = *schema::id_from_text<schema::KeyId>(event.envelope.subject);
    keys_[id] = std::make_shared<KeyView>(KeyView{.id = id,
                                                  .name = made->name,
                                                  .role = made->role,
                                                  .occasion = made->occasion,
                                                  .hash = made->hash,
                                                  .created_at = event.envelope.time,
                                                  .last_event = position});
  }
  if (std::holds_alternative<schema::KeyUsed>(event.event)) {
    auto& key = keys_.at(*schema::id_from_text<schema::KeyId>(event.envelope.subject));
    KeyView used = *key;
    used.last_used_at = event.envelope.time;
    used.last_event = position;
    key = std::make_shared<KeyView>(std::move(used));
  }
  if (std::holds_alternative<schema::KeyDeleted>(event.event)) {
    keys_.erase(*schema::id_from_text<schema::KeyId>(event.envelope.subject));
  }
}

std::shared_ptr<const OccasionView> FakeQueries::occasion(const schema::OccasionId& id) const {
  std::lock_guard lock(mutex_);
  const auto found = occasions_.find(id);
  return found == occasions_.end() ? nullptr : found->second;
}

QueryResult<Page<std::shared_ptr<const OccasionView>>> FakeQueries::occasions(
    std::span<const schema::OccasionState> states, std::string_view after,
    std::size_t limit) const {
  if (!after.empty() && !schema::id_from_text<schema::OccasionId>(after))
    return std::unexpected(QueryError::bad_cursor);
  std::lock_guard lock(mutex_);
  return page_of<std::shared_ptr<const OccasionView>>(
      occasions_, after, limit, [&](const OccasionView& view) {
        return states.empty() || std::ranges::find(states, view.state) != states.end();
      });
}

std::shared_ptr<const AvailabilityView> FakeQueries::availability(
    const schema::OccasionId& id) const {
  const auto view = occasion(id);
  if (!view) return nullptr;
  return std::make_shared<AvailabilityView>(AvailabilityView{
      .body = R"({"capacity":10})", .position = view->last_event, .state = view->state});
}

QueryResult<std::optional<ClaimView>> FakeQueries::claim(const schema::OccasionId& occasion,
                                                         const schema::ClaimId& id) const {
  std::lock_guard lock(mutex_);
  const auto found = claims_.find(id);
  if (found == claims_.end() || found->second.occasion != occasion) return std::nullopt;
  return found->second;
}

std::shared_ptr<const KeyView> FakeQueries::key(const schema::KeyId& id) const {
  std::lock_guard lock(mutex_);
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : found->second;
}

QueryResult<Page<std::shared_ptr<const KeyView>>> FakeQueries::keys(std::string_view after,
                                                                    std::size_t limit) const {
  std::lock_guard lock(mutex_);
  return page_of<std::shared_ptr<const KeyView>>(keys_, after, limit,
                                                 [](const KeyView&) { return true; });
}

QueryResult<Page<AuditItem>> FakeQueries::audit(const AuditFilter& filter, std::string_view,
                                                std::size_t limit) const {
  std::lock_guard lock(mutex_);
  last_filter_ = filter;
  Page<AuditItem> page;
  for (const AuditItem& item : items_) {
    if (page.items.size() < limit) page.items.push_back(item);
  }
  return page;
}

projections::QueryResult<std::optional<std::string>> FakeQueries::wrapped_key(
    schema::Partition, std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto found = wrapped_.find(name);
  return found == wrapped_.end() ? std::nullopt : std::optional(found->second);
}

void FakeQueries::put_key(const std::string& name, const std::string& wrapped) {
  std::lock_guard lock(mutex_);
  wrapped_[name] = wrapped;
}

bool FakeQueries::reached(schema::Position position) const {
  std::lock_guard lock(mutex_);
  return items_.empty() ? position.sequence.value == 0 : position <= items_.back().position;
}

void FakeQueries::when_reached(std::vector<schema::Position> positions,
                               std::chrono::steady_clock::time_point,
                               std::function<void(bool)> then) const {
  {
    std::lock_guard lock(mutex_);
    if (holding_) {
      waiting_.push_back(std::move(then));
      awaited_.notify_all();
      return;
    }
  }
  then(
      std::ranges::all_of(positions, [&](schema::Position position) { return reached(position); }));
}

std::chrono::milliseconds FakeQueries::lag() const {
  std::lock_guard lock(mutex_);
  return lag_;
}

void FakeQueries::fall_behind(std::chrono::milliseconds lag) {
  std::lock_guard lock(mutex_);
  lag_ = lag;
}

AuditFilter FakeQueries::last_filter() const {
  std::lock_guard lock(mutex_);
  return last_filter_;
}

}  // namespace boxoffice::gateway_test
