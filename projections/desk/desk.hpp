#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "projections/desk/questions.hpp"

/// The query port: where a gateway asks. Behind it are the read models of its own process, or those
/// of projectors.
namespace boxoffice::projections {

enum class NoAnswer {
  not_reached,  ///< nobody had the positions in time
  unavailable,  ///< nobody could be asked, or nobody answered
};

struct Inquiry {
  Question question;
  /// The answer comes from a state that has these …
  std::vector<Position> at_least;
  /// … if one has by then; what follows does not wait for them any longer.
  std::chrono::steady_clock::time_point wait_until;
  bool strict = false;  ///< then none is better than an older one
};

/// Thread-safe.
class Desk {
 public:
  using Then = std::move_only_function<void(std::expected<Answer, NoAnswer>)>;

  virtual ~Desk() = default;

  /// The answer, where it can be had on the calling thread without waiting; nullopt: `ask`.
  virtual std::optional<Answer> at_once(const Question& question,
                                        std::span<const Position> at_least) const = 0;

  /// Calls back once, on the calling thread or on one that must not be blocked.
  virtual void ask(Inquiry inquiry, Then then) = 0;

  /// How old answers may be, as Queries::lag.
  virtual std::chrono::milliseconds lag() const = 0;
};

}  // namespace boxoffice::projections
