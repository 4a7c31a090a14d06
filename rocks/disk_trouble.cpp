#include "rocks/disk_trouble.hpp"

#include <utility>

namespace boxoffice::rocks {

rocksdb::Status DiskTrouble::what() const {
  const std::lock_guard lock(mutex_);
  return what_;
}

std::uint64_t DiskTrouble::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool DiskTrouble::end(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  if (count != count_ || !what_.IsIOError()) return false;
  what_ = rocksdb::Status::OK();
  return true;
}

bool DiskTrouble::await(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, std::move(stop), [this] { return !what_.ok(); });
}

bool DiskTrouble::pause(std::stop_token stop, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

void DiskTrouble::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) {
  {
    const std::lock_guard lock(mutex_);
    if (what_.ok() || what_.IsIOError()) what_ = *error;
    ++count_;
  }
  changed_.notify_all();
  // Damage is another matter: it stays.
  if (error->IsIOError()) *error = rocksdb::Status::OK();
}

}  // namespace boxoffice::rocks
