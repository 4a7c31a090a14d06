#pragma once

#include <algorithm>
#include <chrono>

namespace boxoffice::processor {

/// How much of a deciding thread's time goes into reading what came of earlier commands: a share
/// of all that passes, saved up to a bound, while others want to be decided. On a cluster such a
/// reading is a search, so that without this whoever repeats many old commands keeps everybody else
/// waiting. (A generic cell rate algorithm, ITU-T I.371, whose cells are as large as they turn out
/// to be.) Not thread-safe; pure: times are of any clock that does not go back.
class RecallAllowance {
 public:
  using Time = std::chrono::nanoseconds;

  struct Bounds {
    int one_in = 3;    ///< the share: one part in so many
    Time saved_max{};  ///< at once, while others want to be decided
    Time alone_max{};  ///< in one batch, while nobody does
    Time free{};       ///< what takes less costs as little as deciding, and is not counted
  };

  explicit RecallAllowance(Bounds bounds) : bounds_(bounds) {}

  /// A batch begins. `alone`: nobody else has wanted to be decided for a while, so that what was
  /// taken has cost nobody anything.
  void begin(Time now, bool alone) {
    const Time full = now - enough_for(alone ? bounds_.alone_max : bounds_.saved_max);
    owed_until_ = alone ? full : std::max(owed_until_, full);
  }

  /// Whether there is time for another.
  bool is_left(Time now) const { return owed_until_ <= now; }

  /// One took so long.
  void spend(Time took) {
    if (took >= bounds_.free) owed_until_ += bounds_.one_in * took;
  }

 private:
  /// While that is spent, its share of the time that it takes comes in.
  Time enough_for(Time spent) const { return (bounds_.one_in - 1) * spent; }

  const Bounds bounds_;
  Time owed_until_{};
};

}  // namespace boxoffice::processor
