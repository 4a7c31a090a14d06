#include "event-log/kafka/standstill.hpp"

#include <algorithm>

namespace boxoffice::event_log::kafka {

void Standstill::begins_at(std::int64_t next) {
  const std::lock_guard lock(mutex_);
  next_ = next;
  end_ = next;
  since_.reset();
}

void Standstill::looked(std::int64_t next, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  looked_at_ = now;
  if (next == next_) return;
  next_ = next;
  since_ = next < end_ ? std::optional(now) : std::nullopt;
}

bool Standstill::ends_at(std::int64_t end, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  end_ = end;
  if (next_ >= end_)
    since_.reset();
  else if (!since_)
    since_ = now;
  return since_.has_value();
}

std::chrono::milliseconds Standstill::lasts() const {
  const std::lock_guard lock(mutex_);
  if (!since_) return {};
  return std::max({}, std::chrono::duration_cast<std::chrono::milliseconds>(looked_at_ - *since_));
}

}  // namespace boxoffice::event_log::kafka
