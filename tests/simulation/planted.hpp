#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace boxoffice::simulation {

/// A bug that is planted into what is simulated, to show that the checkers see it.
enum class Planted {
  nothing,
  forgotten_keys,  ///< after a restart the processor claims to know all keys, and knows none
  lost_row,        ///< a row of a read model is gone after a crash
  doubled_event,  ///< a read model's position falls back behind its rows: an event is applied twice
  skipped_event,  ///< a read model's position runs ahead of its rows: an event is left out
};

inline constexpr std::array<std::pair<std::string_view, Planted>, 5> kPlanted{{
    {"nothing", Planted::nothing},
    {"forgotten-keys", Planted::forgotten_keys},
    {"lost-row", Planted::lost_row},
    {"doubled-event", Planted::doubled_event},
    {"skipped-event", Planted::skipped_event},
}};

}  // namespace boxoffice::simulation
