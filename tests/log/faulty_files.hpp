#pragma once

#include <atomic>
#include <cstdint>

#include "event-log/embedded/files.hpp"

namespace boxoffice::event_log::testing {

/// How an operation fails. What a failed sync or write left on the disk is unknown; so both
/// extremes are tried.
enum class Failure {
  without_effect,
  half_done,    ///< a write stops in the middle; others have no effect
  after_effect  ///< done, and reported as failed all the same
};

/// The real file system, of which chosen operations fail. Thread-safe.
class FaultyFiles final : public embedded::Files {
 public:
  /// Of the operations from now on, number `first` (from 0) and the `count - 1` after it fail.
  void fail(std::uint64_t first, std::uint64_t count, Failure how);
  /// All fail from now on, until `heal`.
  void break_down(Failure how) { fail(0, ~std::uint64_t{0}, how); }
  void heal() { fail(0, 0, Failure::without_effect); }
  /// Whether an operation has failed since the last of the above.
  bool has_failed() const { return failed_; }

  Result<std::unique_ptr<embedded::File>> open(const std::filesystem::path& path,
                                               embedded::OpenMode mode) override;
  Result<bool> exists(const std::filesystem::path& path) override;
  Result<void> make_directory(const std::filesystem::path& path) override;
  Result<void> sync_directory(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> names_in(const std::filesystem::path& directory) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> remove(const std::filesystem::path& path) override;

 private:
  friend class FaultyFile;

  /// Runs the operation, or fails as planned. `half` is what of it is done for `half_done`.
  template <class Operation, class Half>
  auto run(Operation operation, Half half) -> decltype(operation());
  template <class Operation>
  auto run(Operation operation) -> decltype(operation());

  std::atomic<std::uint64_t> operations_ = 0;
  std::atomic<std::uint64_t> first_ = 0;
  std::atomic<std::uint64_t> count_ = 0;
  std::atomic<Failure> how_ = Failure::without_effect;
  std::atomic<bool> failed_ = false;
};

}  // namespace boxoffice::event_log::testing
