#pragma once

#include <algorithm>
#include <chrono>

namespace boxoffice::processor {

/// How much of a deciding thread's time goes into reading what came of earlier commands: a share
/// of all that passes, saved up to a bound. On a cluster such a reading is a search, so that
/// without this whoever repeats many old commands keeps everybody else's waiting. (A generic cell
/// rate algorithm, ITU-T I.371, whose cells are as large as they turn out to be.) Not thread-safe;
/// pure: times are of any clock that does not go back.
class RecallAllowance {
 public:
  using Time = std::chrono::nanoseconds;

  /// One part in `one_in` of the time, and no more than `saved_max` at once. What takes less than
  /// `free` costs as little as deciding, and is not counted.
  RecallAllowance(int one_in, Time saved_max, Time free)
      : one_in_(one_in), saved_max_(saved_max), free_(free) {}

  /// Whether there is time for another.
  bool is_left(Time now) const { return owed_until_ <= now; }

  /// One was begun and ended then.
  void spend(Time begun, Time ended) {
    const Time took = ended - begun;
    if (took < free_) return;
    owed_until_ = std::max(owed_until_, ended - one_in_ * saved_max_) + one_in_ * took;
  }

 private:
  const int one_in_;
  const Time saved_max_;
  const Time free_;
  Time owed_until_ = Time::min();
};

}  // namespace boxoffice::processor
