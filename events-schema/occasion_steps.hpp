#pragma once

#include <concepts>
#include <optional>
#include <utility>

#include "events-schema/codec.hpp"

/// Opening, closing and cancelling an occasion: three events that are alike but for their names.
namespace boxoffice::schema {

template <class E>
concept OccasionStepped = std::same_as<E, OccasionOpened> || std::same_as<E, OccasionClosed> ||
    std::same_as<E, OccasionCancelled>;

template <OccasionStepped E>
constexpr OccasionStep step_of(const E&) {
  if constexpr (std::same_as<E, OccasionOpened>) return OccasionStep::open;
  if constexpr (std::same_as<E, OccasionClosed>) return OccasionStep::close;
  return OccasionStep::cancel;
}

inline Event occasion_stepped(OccasionStep step, std::optional<Sequence> if_match,
                              OccasionDetails details, OccasionState state) {
  switch (step) {
    case OccasionStep::open:
      return OccasionOpened{.if_match = if_match, .details = std::move(details), .state = state};
    case OccasionStep::close:
      return OccasionClosed{.if_match = if_match, .details = std::move(details), .state = state};
    case OccasionStep::cancel:
      break;
  }
  return OccasionCancelled{.if_match = if_match, .details = std::move(details), .state = state};
}

}  // namespace boxoffice::schema
