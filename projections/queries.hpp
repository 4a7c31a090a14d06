#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "event-log/log.hpp"
#include "projections/accounts.hpp"

/// What the read models of this process answer, by function calls. Thread-safe; answers come from
/// what has been applied, and never from half a batch. Who may be asking from another process goes
/// by the port of desk/desk.hpp.
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

  bool operator==(const OccasionView&) const = default;
};

/// Prebuilt: the body of the answer, made once for each batch that changed it.
struct AvailabilityView {
  std::string body;   ///< JSON, `position` included
  Position position;  ///< of the last event that the counts include
  schema::OccasionState state;

  bool operator==(const AvailabilityView&) const = default;
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

  bool operator==(const ClaimView&) const = default;
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

  bool operator==(const AuditFilter&) const = default;
};

/// An event as it is on the log.
struct AuditItem {
  Position position;
  std::string value;

  bool operator==(const AuditItem&) const = default;
};

enum class QueryError { bad_cursor, unavailable };
template <class T>
using QueryResult = std::expected<T, QueryError>;

class Queries : public Accounts {
 public:
  virtual std::shared_ptr<const OccasionView> occasion(const schema::OccasionId& id) const = 0;
  /// By id; those in one of `states` (empty: all).
  virtual QueryResult<Page<std::shared_ptr<const OccasionView>>> occasions(
      std::span<const schema::OccasionState> states, std::string_view after,
      std::size_t limit) const = 0;
  virtual std::shared_ptr<const AvailabilityView> availability(
      const schema::OccasionId& id) const = 0;
  virtual QueryResult<std::optional<ClaimView>> claim(const schema::OccasionId& occasion,
                                                      const schema::ClaimId& id) const = 0;

  virtual QueryResult<Page<std::shared_ptr<const KeyView>>> keys(std::string_view after,
                                                                 std::size_t limit) const = 0;

  virtual QueryResult<Page<AuditItem>> audit(const AuditFilter& filter, std::string_view after,
                                             std::size_t limit) const = 0;

  /// A wrapped data key by its name in the partition's `keys`, as the log has it now; nullopt: it
  /// was destroyed, or there never was one. May wait for the disk or a broker.
  virtual QueryResult<std::optional<std::string>> wrapped_key(Partition partition,
                                                              std::string_view name) const = 0;

  /// Whether all models have applied `position`.
  virtual bool reached(Position position) const = 0;
};

}  // namespace boxoffice::projections
