#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "event-log/log.hpp"

/// The query port: what the gateway may ask of the read models. In the all-in-one program a call is
/// a function call. Thread-safe; answers come from what has been applied, and never from half a
/// batch.
namespace boxoffice::projections {

using schema::Instant;
using schema::Partition;
using schema::Position;
using schema::Sequence;

struct OccasionView {
  schema::OccasionId id;
  schema::OccasionState state;
  schema::OccasionDetails details;
  std::optional<schema::KeyId> organizer;  ///< whoever made it
  Position last_event;                     ///< its sequence is the ETag
};

/// Prebuilt: the body of the answer, made once for each batch that changed it.
struct AvailabilityView {
  std::string body;   ///< JSON, `position` included
  Position position;  ///< of the last event that the counts include
  schema::OccasionState state;
};

enum class ClaimState { held, confirmed, released, expired };

struct ClaimView {
  schema::OccasionId occasion;
  schema::ClaimId id;
  schema::PersonId person;
  schema::TicketId ticket;
  std::string pool;
  std::uint32_t number = 0;
  ClaimState state{};
  std::optional<Instant> expires_at;  ///< of a held or expired claim
  Position last_event;
};

struct KeyView {
  schema::KeyId id;
  std::string name;
  schema::Role role;
  std::optional<schema::OccasionId> occasion;
  schema::Digest hash;
  Instant created_at{};
  std::optional<Instant> last_used_at;
  Position last_event;
};

/// A page of a list; `next` is an opaque cursor of URL-safe characters, nullopt at the end. Cursors
/// are stable: what is appended later comes behind them, and they survive a restart and a rebuild.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;
};

/// All given members must hold. With none, all events of all partitions, by partition and sequence.
struct AuditFilter {
  std::optional<schema::OccasionId> occasion;
  std::optional<schema::PersonId> person;
  std::optional<schema::TicketId> ticket;
  std::optional<std::string> principal;  ///< an `actor`
  std::optional<std::string> type;       ///< with or without the prefix `boxoffice.`
  std::optional<Instant> from;           ///< decided at or after
  std::optional<Instant> to;             ///< decided before
};

/// An event as it is on the log.
struct AuditItem {
  Position position;
  std::string value;
};

enum class QueryError { bad_cursor, unavailable };
template <class T>
using QueryResult = std::expected<T, QueryError>;

class Queries {
 public:
  virtual ~Queries() = default;

  virtual std::shared_ptr<const OccasionView> occasion(const schema::OccasionId& id) const = 0;
  /// By id; those in one of `states` (empty: all).
  virtual QueryResult<Page<std::shared_ptr<const OccasionView>>> occasions(
      std::span<const schema::OccasionState> states, std::string_view after,
      std::size_t limit) const = 0;
  virtual std::shared_ptr<const AvailabilityView> availability(
      const schema::OccasionId& id) const = 0;
  virtual QueryResult<std::optional<ClaimView>> claim(const schema::OccasionId& occasion,
                                                      const schema::ClaimId& id) const = 0;

  virtual std::shared_ptr<const KeyView> key(
      const schema::KeyId& id) const = 0;  ///< deleted ones are gone
  virtual QueryResult<Page<std::shared_ptr<const KeyView>>> keys(std::string_view after,
                                                                 std::size_t limit) const = 0;

  virtual QueryResult<Page<AuditItem>> audit(const AuditFilter& filter, std::string_view after,
                                             std::size_t limit) const = 0;

  /// Whether all models have applied `position`.
  virtual bool reached(Position position) const = 0;
  /// Calls back once, as soon as every position is reached (true) or at `deadline` (false); at once
  /// on the calling thread if already so, else on a thread of the models, which must not be
  /// blocked. Bounded: with too many waiting it calls back with false at once.
  virtual void when_reached(std::vector<Position> positions,
                            std::chrono::steady_clock::time_point deadline,
                            std::function<void(bool)> then) const = 0;

  /// How long the oldest event that is not applied yet has waited; zero when all models are at the
  /// log's end.
  virtual std::chrono::milliseconds lag() const = 0;
};

}  // namespace boxoffice::projections
