#pragma once

#include <rocksdb/listener.h>
#include <rocksdb/status.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace boxoffice::rocks {

/// Hears of the errors that a database meets in the background, and keeps those of the disk from
/// it: what failed is still there and can be tried again, whereas a database that has heard is
/// stopped for good, or (7.8, if it is told to go on and more than one thing had failed) waits for
/// ever. Thread-safe.
class DiskTrouble final : public rocksdb::EventListener {
 public:
  /// OK: there is none.
  rocksdb::Status what() const;
  /// How often there was any.
  std::uint64_t count() const;
  /// It is over; false: it is not, for there was more since `count`, or no retry helps.
  bool end(std::uint64_t count);

  /// Waits until there is some; false: it was told to stop first.
  bool await(std::stop_token stop);
  /// Waits that long; false: it was told to stop first.
  bool pause(std::stop_token stop, std::chrono::milliseconds time);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  rocksdb::Status what_;     // guarded by mutex_
  std::uint64_t count_ = 0;  // guarded by mutex_
};

}  // namespace boxoffice::rocks
