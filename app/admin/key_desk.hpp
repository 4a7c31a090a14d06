#pragma once

#include <expected>
#include <optional>
#include <string>

#include "app/serve/engine.hpp"

namespace boxoffice::app {

/// A key as it is shown once.
struct NewKey {
  std::string id;
  std::string key;
};

struct KeyWish {
  std::string name;
  schema::Role role{};
  std::optional<schema::OccasionId> occasion;
  bool first = false;  ///< refused where an administrator's key exists already
};

/// Makes and ends keys on the console's behalf, through the same deciding as over HTTP; the actor
/// is `console`. Blocks until it is durable and the read models show it. The error is a sentence
/// for an operator.
class KeyDesk {
 public:
  explicit KeyDesk(Engine& engine) : engine_(engine) {}

  std::expected<NewKey, std::string> create(const KeyWish& wish);
  std::expected<void, std::string> remove(const schema::KeyId& id);

 private:
  /// The command's outcome, or why there is none.
  std::expected<schema::Position, std::string> decide(schema::CommandIdentity identity,
                                                      domain::SubjectId subject,
                                                      schema::Command command);
  Engine& engine_;
};

/// What goes over the control socket, and back.
std::string to_json(const KeyWish& wish);
std::expected<KeyWish, std::string> key_wish_from(std::string_view json);
std::string to_json(const schema::KeyId& id);
std::expected<schema::KeyId, std::string> key_id_from(std::string_view json);
std::string to_json(const NewKey& key);
std::expected<NewKey, std::string> new_key_from(std::string_view json);

}  // namespace boxoffice::app
