#include "event-log/kafka/ends_watch.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kLookEvery{200};
constexpr std::chrono::milliseconds kInTime{600};
/// While no broker answers, nothing else waits for long.
constexpr std::chrono::milliseconds kAnswerIn{500};

}  // namespace

void EndsWatch::look(const HasRead& has_read) {
  if (!seen_ && Clock::now() >= next_look_) {
    const auto at = Clock::now();
    auto found = ends_.settled(lanes_, at, at + kAnswerIn);
    next_look_ = at + kLookEvery;
    if (found) seen_ = Seen{at, std::move(found->offsets)};
  }
  if (!seen_) return;
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (!has_read(i, seen_->offsets[i])) return;
  current_at_ = seen_->at;
  was_current_ = true;
  seen_.reset();
}

std::chrono::milliseconds EndsWatch::age() const {
  const auto age = Clock::now() - current_at_.load();
  if (was_current_ && age <= kInTime) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(age);
}

}  // namespace boxoffice::event_log::kafka
