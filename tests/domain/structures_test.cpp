// What the state is made of, each against a plain model.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>  // after gtest's, which it needs

#include <map>
#include <set>

#include "commands/domain/claim_table.hpp"
#include "commands/domain/number_set.hpp"
#include "commands/domain/slot_index.hpp"
#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

RC_GTEST_PROP(NumberSet, GivesTheLowestAsASetDoes, ()) {
  Freezer freezer;
  NumberSet numbers(freezer);
  std::set<std::uint32_t> model;
  const auto range = *rc::gen::element<std::uint32_t>(10, 1'000, 1'000'000);
  for (const std::uint32_t any :
       *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, range))) {
    if (model.insert(any).second) {
      numbers.insert(any);
    } else {
      model.erase(any);
      numbers.erase(any);
    }
    RC_ASSERT(numbers.size() == model.size());
    RC_ASSERT(numbers.lowest() == (model.empty() ? std::nullopt : std::optional(*model.begin())));
  }
}

/// Keys of slots, as the table has them: the hash of a slot is what it is told here.
class Hashes {
 public:
  explicit Hashes(std::uint64_t spread_by) : spread_by_(spread_by) {}
  std::uint64_t operator()(Slot slot) const { return slot * spread_by_; }
  void prefetch(Slot) const {}

 private:
  std::uint64_t spread_by_;
};

void expect_as_a_map_does(const Hashes& hash, std::uint32_t slots) {
  SlotIndex index;
  std::set<Slot> model;
  const auto found = [&](Slot slot) {
    return index.find(hash(slot), [&](Slot candidate) { return candidate == slot; }) == slot;
  };
  // Fills, empties in another order, and fills again.
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < slots; ++i) {
      const Slot slot = static_cast<Slot>(std::uint64_t{i} * 7919 % slots);
      if (round != 1 && model.insert(slot).second) index.insert(hash(slot), slot, hash);
      if (round == 1 && slot % 3 != 0 && model.erase(slot) == 1) {
        ASSERT_TRUE(index.erase(hash(slot), slot));
      }
    }
    for (Slot slot = 0; slot < slots; ++slot) ASSERT_EQ(found(slot), model.contains(slot)) << slot;
  }
  for (const Slot slot : model) ASSERT_TRUE(index.erase(hash(slot), slot));
  for (const Slot slot : model) ASSERT_FALSE(index.erase(hash(slot), slot));
}

TEST(SlotIndex, FindsWhatIsInAcrossGrowingSplittingAndErasing) {
  for (const std::uint32_t slots : {1U, 11U, 12U, 13U, 1000U, 50'021U})
    expect_as_a_map_does(Hashes(0x9e37'79b9'7f4a'7c15), slots);
}

TEST(SlotIndex, FindsWhatIsInWhereHashesAreAlike) {
  expect_as_a_map_does(Hashes(0), 200);                        // all the same
  expect_as_a_map_does(Hashes(1), 1500);                       // near each other
  expect_as_a_map_does(Hashes(std::uint64_t{1} << 40), 1500);  // one home
}

TEST(SlotIndex, TakesTenBytesAnEntryAtMostOnceThereAreMany) {
  const Hashes hash(0x9e37'79b9'7f4a'7c15);
  SlotIndex index;
  for (Slot slot = 0; slot < 100'000; ++slot) {
    index.insert(hash(slot), slot, hash);
    ASSERT_LE(index.memory_bytes(), slot * 10 + 1000) << slot;
  }
}

RC_GTEST_PROP(ExpiryQueue, HasTheEarliestInFrontWhateverIsTakenOut, ()) {
  Freezer freezer;
  ClaimSlots slots(freezer);
  ExpiryQueue queue;
  std::set<std::pair<std::int64_t, Slot>> model;
  for (const int any : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 20))) {
    if (any < 14 || model.empty()) {
      const Slot slot = static_cast<Slot>(slots.size());
      Claim& claim = slots.grow();
      claim.expires_ms = any;
      claim.claimed_by = slot;
      queue.push(slots, slot);
      model.emplace(any, slot);
    } else {
      const auto taken = std::next(
          model.begin(),
          *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(model.size())));
      queue.remove(slots, taken->second);
      model.erase(taken);
    }
    RC_ASSERT(queue.size() == model.size());
    if (!model.empty()) RC_ASSERT(queue[0] == model.begin()->second);
  }
}

TEST(CowArray, ClonesAChunkOnlyWhileSomebodyMayReadIt) {
  Freezer freezer;
  CowArray<int, 4> numbers(freezer);
  for (int i = 0; i < 8; ++i) numbers.grow() = i;
  const int* before = &numbers[0];
  {
    const auto frozen = numbers.frozen();
    const auto reading = freezer.freeze();
    numbers.writable(0) = 100;
    const int* clone = &numbers[0];
    EXPECT_NE(clone, before);
    numbers.writable(1) = 101;
    EXPECT_EQ(&numbers[0], clone) << "one clone serves all further writes";
    EXPECT_EQ(frozen[0], 0);
    EXPECT_EQ(frozen[1], 1);
    EXPECT_EQ(&frozen[4], &numbers[4]) << "what is not written to is shared";
  }
  const int* owned = &numbers[4];
  numbers.writable(4) = 104;
  EXPECT_EQ(&numbers[4], owned) << "nobody reads any more";
}

TEST(CowArray, KeepsTwoFrozenCopiesApart) {
  Freezer freezer;
  CowArray<int, 4> numbers(freezer);
  numbers.grow() = 1;
  const auto first = numbers.frozen();
  const auto first_reading = freezer.freeze();
  numbers.writable(0) = 2;
  const auto second = numbers.frozen();
  const auto second_reading = freezer.freeze();
  numbers.writable(0) = 3;
  EXPECT_EQ(first[0], 1);
  EXPECT_EQ(second[0], 2);
  EXPECT_EQ(numbers[0], 3);
}

}  // namespace
}  // namespace boxoffice::domain::tests
