#include "commands/domain/pool.hpp"

#include "commands/domain/require.hpp"

namespace boxoffice::domain {

void Pool::resize(std::uint32_t capacity) {
  require(capacity >= committed());
  capacity_ = capacity;
}

void Pool::claim(std::uint32_t number) {
  require(free() > 0);
  if (number == unused_from_)
    ++unused_from_;
  else
    returned_.erase(number);
  ++claimed_;
}

void Pool::issue() {
  require(claimed_ > 0);
  --claimed_;
  ++issued_;
}

void Pool::burn() {
  require(claimed_ > 0);
  --claimed_;
  ++burned_;
}

void Pool::give_back_claimed(std::uint32_t number) {
  require(claimed_ > 0 && number < unused_from_);
  --claimed_;
  returned_.insert(number);
}

void Pool::give_back_issued(std::uint32_t number) {
  require(issued_ > 0 && number < unused_from_);
  --issued_;
  returned_.insert(number);
}

bool Pool::restore(const Counts& counts) {
  const std::uint64_t committed = std::uint64_t{counts.claimed} + counts.issued + counts.burned;
  if (committed > capacity_) return false;
  if (committed + returned_.size() + 1 != counts.unused_from) return false;
  claimed_ = counts.claimed;
  issued_ = counts.issued;
  burned_ = counts.burned;
  unused_from_ = counts.unused_from;
  return true;
}

}  // namespace boxoffice::domain
