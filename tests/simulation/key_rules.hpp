#pragma once

#include <map>

#include "tests/simulation/recorded.hpp"

namespace boxoffice::simulation {

/// What may happen to API keys: one that was deleted never works again.
class KeyRules {
 public:
  /// Takes an event of the topic `accounts`; throws Violation where it must not be.
  void take(const Recorded& event);

 private:
  enum class Life { works, ended };

  void tell(const schema::KeyCreated&);
  void tell(const schema::KeyCreationRefused& event) const;
  void tell(const schema::KeyDeleted&);
  void tell(const schema::KeyDeletionRefused& event) const { check(event.refusal); }
  void tell(const schema::KeyUsed&) const;
  void tell(const schema::KeyUseRefused& event) const { check(event.refusal); }
  template <class Other>
  void tell(const Other&) const {
    static_assert(Other::kTopic != schema::Topic::accounts, "it has rules of its own");
  }

  /// Why a key that should be there could not be used or deleted.
  void check(schema::KeyRefusal refusal) const;
  bool is(Life life) const;
  void demand(bool fact, const char* what) const;

  std::map<std::string, Life> keys_;  // by subject
  const Recorded* event_ = nullptr;   // that is taken in
};

}  // namespace boxoffice::simulation
