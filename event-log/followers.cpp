#include "event-log/followers.hpp"

namespace boxoffice::event_log {

struct Followers::Following {
  explicit Following(Follower follower) : follower(std::move(follower)) {}

  // Recursive, so that a follower may end its own following.
  std::recursive_mutex mutex;
  bool ended = false;  // guarded by mutex
  const Follower follower;
};

std::shared_ptr<void> Followers::add(Follower follower) {
  auto following = std::make_shared<Following>(std::move(follower));
  {
    const std::lock_guard lock(mutex_);
    following_.push_back(following);
  }
  // The handle's deleter keeps the following alive until the call under way, if any, is over.
  Following* const address = following.get();
  return {address, [following = std::move(following)](void*) {
            const std::lock_guard lock(following->mutex);
            following->ended = true;
          }};
}

void Followers::notify(const std::shared_ptr<const Batch>& batch) {
  {
    // Followers are called without the list's mutex: one of them may begin or end a following.
    const std::lock_guard lock(mutex_);
    std::erase_if(following_, [](const auto& following) { return following.expired(); });
    for (const auto& following : following_)
      if (auto alive = following.lock()) notified_.push_back(std::move(alive));
  }
  for (const auto& following : notified_) {
    const std::lock_guard lock(following->mutex);
    if (!following->ended) following->follower(batch);
  }
  notified_.clear();
}

}  // namespace boxoffice::event_log
