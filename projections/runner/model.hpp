#pragma once

#include <array>
#include <concepts>
#include <string_view>

#include "events-schema/codec.hpp"
#include "projections/store/store.hpp"

/// What a read model is: a name, a version, and how an event changes its rows.
namespace boxoffice::projections {

/// An event as models are handed it. References are valid during the call.
struct LoggedEvent {
  const schema::Envelope& envelope;
  const schema::Event& event;
  std::array<std::uint8_t, 16> subject{};  ///< zeros where the subject is no id

  schema::OccasionId occasion() const { return {subject}; }  ///< REQUIRES: it is about one
  schema::KeyId key() const { return {subject}; }            ///< REQUIRES: it is about one
  schema::Position position() const { return envelope.position; }
};

LoggedEvent logged(const schema::Envelope& envelope, const schema::Event& event);

/// Rows must be a fold of the events of each partition alone: how the partitions interleave must
/// not show in them, nor where one chunk ends and the next begins. So a rebuild has the same rows,
/// byte for byte.
///
/// Writing (`load`, `apply`, `look_up`, `complete`, `publish`) is for one thread. What a model
/// offers to readers besides is thread-safe, and shows only what was published.
class Model {
 public:
  virtual ~Model() = default;

  virtual std::string_view name() const = 0;
  /// Another version is another table, made from the whole log. Raise it whenever `apply` or the
  /// rows change their meaning.
  virtual int version() const = 0;
  /// Whether rows are looked up by their whole keys, and not only by how keys begin.
  virtual bool looked_up() const { return true; }

  /// Takes up where the rows of `table` stand, forgetting all it knew, and publishes.
  virtual StoreResult<void> load(const Table& table) = 0;
  virtual void apply(const LoggedEvent& event, Rows& rows) = 0;
  /// Reads what rows of this chunk hang on and earlier chunks have written, before it ends. Called
  /// again after an error.
  virtual StoreResult<void> look_up(const Table&) { return {}; }
  /// The chunk ends: writes the rows that are written once a chunk.
  virtual void complete(Rows& rows) = 0;
  /// The chunk's rows are readable now.
  virtual void publish() = 0;
};

/// For `std::visit`: names the events that a model ignores, so that a new event does not compile
/// until somebody has thought about it.
template <class Event, class... Several>
concept OneOf = (std::same_as<Event, Several> || ...);

/// The same, for all events of some topics.
template <class Event, schema::Topic... Topics>
concept IsOf = ((Event::kTopic == Topics) || ...);

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace boxoffice::projections
