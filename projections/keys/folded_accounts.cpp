#include "projections/keys/folded_accounts.hpp"

#include "projections/keys/key_fold.hpp"

namespace boxoffice::projections {

FoldedAccounts::FoldedAccounts(std::uint16_t partitions, std::size_t waiting_max)
    : progress_(partitions, waiting_max) {}

void FoldedAccounts::apply(const schema::Envelope& envelope, const schema::Event& event) {
  fold_key(
      logged(envelope, event), [this](const schema::KeyId& id) { return keys_.find(id); },
      [this](const schema::KeyId& id, std::shared_ptr<const KeyView> view) {
        if (view)
          keys_.put(id, std::move(view));
        else
          keys_.erase(id);
      });
  progress_.advance(envelope.position);
  progress_.wake();
}

std::shared_ptr<const KeyView> FoldedAccounts::key(const schema::KeyId& id) const {
  return keys_.find(id);
}

void FoldedAccounts::when_reached(std::vector<schema::Position> positions,
                                  std::chrono::steady_clock::time_point deadline,
                                  std::function<void(bool)> then) const {
  progress_.when_reached(std::move(positions), deadline, std::move(then));
}

}  // namespace boxoffice::projections
