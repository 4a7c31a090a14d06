#pragma once

#include "projections/accounts.hpp"
#include "projections/runner/model.hpp"

namespace boxoffice::projections {

/// What an event makes of the keys: `keep(id, view)`, nullptr where it ends one. `find(id)` is the
/// key as it was before.
template <class Find, class Keep>
void fold_key(const LoggedEvent& event, const Find& find, const Keep& keep) {
  using namespace schema;
  std::visit(Overloaded{
                 [&](const KeyCreated& it) {
                   keep(event.key(),
                        std::make_shared<const KeyView>(KeyView{.id = event.key(),
                                                                .name = it.name,
                                                                .role = it.role,
                                                                .occasion = it.occasion,
                                                                .hash = it.hash,
                                                                .created_at = event.envelope.time,
                                                                .last_event = event.position()}));
                 },
                 [&](const KeyUsed&) {
                   const auto before = find(event.key());
                   if (!before) return;
                   KeyView used = *before;
                   used.last_used_at = event.envelope.time;
                   used.last_event = event.position();
                   keep(event.key(), std::make_shared<const KeyView>(std::move(used)));
                 },
                 [&](const KeyDeleted&) { keep(event.key(), nullptr); },
                 [](const OneOf<KeyCreationRefused, KeyDeletionRefused, KeyUseRefused> auto&) {},
                 [](const IsOf<Topic::occasions, Topic::claims, Topic::audit> auto&) {},
             },
             event.event);
}

}  // namespace boxoffice::projections
