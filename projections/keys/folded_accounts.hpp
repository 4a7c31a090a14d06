#pragma once

#include "projections/accounts.hpp"
#include "projections/runner/model.hpp"
#include "projections/runner/progress.hpp"
#include "projections/shelf.hpp"

namespace boxoffice::projections {

/// Who has which key, folded in memory from the events of one topic, `boxoffice.accounts`. So a
/// position is reached when it, or a later one of its partition, was among these.
class FoldedAccounts : public Accounts {
 public:
  explicit FoldedAccounts(std::uint16_t partitions, std::size_t waiting_max = 10'000);

  /// REQUIRES: by one thread, in the order of each partition.
  void apply(const schema::Envelope& envelope, const schema::Event& event);
  /// Whoever waits is called with false.
  void close() { progress_.close(); }

  std::shared_ptr<const KeyView> key(const schema::KeyId& id) const override;
  void when_reached(std::vector<schema::Position> positions,
                    std::chrono::steady_clock::time_point deadline,
                    std::function<void(bool)> then) const override;

 private:
  Shelf<schema::KeyId, KeyView> keys_;
  mutable Progress progress_;
};

}  // namespace boxoffice::projections
