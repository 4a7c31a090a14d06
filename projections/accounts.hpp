#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events-schema/codec.hpp"

/// The port of signing in: who has which key. It is asked with every request, so it answers from
/// memory, and at once.
namespace boxoffice::projections {

struct KeyView {
  schema::KeyId id;
  std::string name;
  schema::Role role;
  std::optional<schema::OccasionId> occasion;
  schema::Digest hash;
  schema::Instant created_at{};
  std::optional<schema::Instant> last_used_at;
  schema::Position last_event;

  bool operator==(const KeyView&) const = default;
};

/// Thread-safe.
class Accounts {
 public:
  virtual ~Accounts() = default;

  /// nullptr: there is none, or it was deleted.
  virtual std::shared_ptr<const KeyView> key(const schema::KeyId& id) const = 0;

  /// How old what is known may be: how long the oldest event that is not taken in yet has waited,
  /// zero at the log's end.
  virtual std::chrono::milliseconds lag() const = 0;

  /// Calls back once, as soon as the events at all of these positions are taken in (true) or at
  /// `deadline` (false); at once on the calling thread if already so, else on a thread that must
  /// not be blocked. Bounded: with too many waiting it calls back with false at once.
  virtual void when_reached(std::vector<schema::Position> positions,
                            std::chrono::steady_clock::time_point deadline,
                            std::function<void(bool)> then) const = 0;
};

}  // namespace boxoffice::projections
