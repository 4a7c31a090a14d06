#include "tests/simulation/key_rules.hpp"

#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

using schema::KeyRefusal;

void KeyRules::take(const Recorded& event) {
  event_ = &event;
  std::visit([this](const auto& data) { tell(data); }, event.event);
}

void KeyRules::tell(const schema::KeyCreated&) {
  demand(!is(Life::ended), "a deleted key was made again");
  keys_[event_->envelope.subject] = Life::works;
}

void KeyRules::tell(const schema::KeyCreationRefused& event) const {
  switch (event.refusal) {
    case KeyRefusal::key_ended:
      return demand(is(Life::ended), "`key_ended` of a key that has not ended");
    case KeyRefusal::unknown_key:
      return demand(false, "a key that is to be made cannot be unknown");
    case KeyRefusal::too_late:
      return;
  }
}

void KeyRules::tell(const schema::KeyDeleted&) {
  demand(is(Life::works), "a key was deleted that is not there");
  keys_[event_->envelope.subject] = Life::ended;
}

void KeyRules::tell(const schema::KeyUsed&) const {
  demand(is(Life::works), "a key was used that does not work");
}

void KeyRules::check(KeyRefusal refusal) const {
  if (refusal != KeyRefusal::too_late) demand(!is(Life::works), "a key that works is said not to");
}

bool KeyRules::is(Life life) const {
  const auto found = keys_.find(event_->envelope.subject);
  return found != keys_.end() && found->second == life;
}

void KeyRules::demand(bool fact, const char* what) const {
  simulation::demand(fact, event_->position(), what);
}

}  // namespace boxoffice::simulation
