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

  // Of a cluster.
  unproved_take_over,      ///< who takes a partition over does not ask the group whether it may
  unfenced_producers,      ///< each process has producers' ids of its own: nobody is fenced
  undoubted_ends,          ///< a commit counts as such though its end was sent twice
  untold_skip,             ///< nobody says that commands were deleted before they were decided
  forgotten_mark,          ///< who takes over goes on where the topic begins
  open_transactions_read,  ///< a projector reads beyond the last stable offset
  open_replies_heard,      ///< a gateway does
  wrong_clock_followed,    ///< a processor decides by its clock, however wrong
  gaps_unseen,             ///< keys that did not travel are taken for such as there never were
};

inline constexpr std::array<std::pair<std::string_view, Planted>, 14> kPlanted{{
    {"nothing", Planted::nothing},
    {"forgotten-keys", Planted::forgotten_keys},
    {"lost-row", Planted::lost_row},
    {"doubled-event", Planted::doubled_event},
    {"skipped-event", Planted::skipped_event},
    {"unproved-take-over", Planted::unproved_take_over},
    {"unfenced-producers", Planted::unfenced_producers},
    {"undoubted-ends", Planted::undoubted_ends},
    {"untold-skip", Planted::untold_skip},
    {"forgotten-mark", Planted::forgotten_mark},
    {"open-transactions-read", Planted::open_transactions_read},
    {"open-replies-heard", Planted::open_replies_heard},
    {"gaps-unseen", Planted::gaps_unseen},
    {"wrong-clock-followed", Planted::wrong_clock_followed},
}};

}  // namespace boxoffice::simulation
