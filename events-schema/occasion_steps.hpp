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

/// The event that `step` leads to.
inline Event occasion_stepped(const StepOccasion& step, OccasionDetails details,
                              OccasionState state) {
  const auto stepped = [&]<OccasionStepped E>(E event) -> Event {
    event.if_match = step.if_match;
    event.details = std::move(details);
    event.state = state;
    event.ip = step.ip;
    return event;
  };
  switch (step.step) {
    case OccasionStep::open:
      return stepped(OccasionOpened{});
    case OccasionStep::close:
      return stepped(OccasionClosed{});
    case OccasionStep::cancel:
      break;
  }
  return stepped(OccasionCancelled{});
}

}  // namespace boxoffice::schema
