// Freezing, writing and reading a partition's state.

#include <array>
#include <thread>

#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

class Snapshot : public BoxOffice {
 protected:
  /// An occasion with claims held and confirmed, numbers returned and burned, a key, an ended one.
  void given_a_bit_of_everything(int claims = 600) {
    given_open(without_rules(seats({{"stalls", 1000}, {"boxes", 7}})));
    for (int i = 0; i < claims; ++i) given(claim_ticket(nth(i)), noon + i * 1ms);
    for (int i = 0; i < claims; i += 3) given(confirm(nth(i)), noon + 1s);
    for (int i = 0; i < claims; i += 5) given(release(nth(i)), noon + 1s);
    given(change_claims({.on_expiry = OnExpiry::burn}), noon + 1s);
    when_settling(noon + 5min + 40ms);
    partition_.ask(schema::CreateKey{.name = "Gate"}, noon, named<SubjectId>("key"));
    partition_.ask(schema::CreateKey{.name = "Lost"}, noon, named<SubjectId>("ended key"));
    partition_.ask(schema::DeleteKey{}, noon, named<SubjectId>("ended key"));
    partition_.ask(create(seats(3)), noon, named<SubjectId>("draft"));
  }
  static Customer nth(int i) { return customer(std::to_string(i)); }

  static PartitionState read_back(const std::string& bytes) {
    auto state = read(bytes);
    EXPECT_TRUE(state) << state.error().message;
    return state ? std::move(*state) : PartitionState();
  }
};

TEST_F(Snapshot, ReadsBackAsTheSameState) {
  given_a_bit_of_everything();
  const std::string bytes = snapshot_of(partition_.state());
  const PartitionState again = read_back(bytes);
  EXPECT_EQ(snapshot_of(again), bytes);
  EXPECT_EQ(again.live_claims(), partition_.state().live_claims());
  EXPECT_EQ(next_due(again), next_due(partition_.state()));
  EXPECT_TRUE(works(again.keys(), named<schema::KeyId>("key")));
  EXPECT_EQ(again.keys().at(named<schema::KeyId>("ended key")), KeyState::ended);
  EXPECT_EQ(settle_due(again, noon + 1h, 1000), settle_due(partition_.state(), noon + 1h, 1000));
}

TEST_F(Snapshot, IsTheSameForAStateFoldedFromNothing) {
  given_a_bit_of_everything();
  EXPECT_EQ(snapshot_of(partition_.folded_again()), snapshot_of(partition_.state()));
}

TEST_F(Snapshot, OfAnEmptyStateIsReadBack) {
  EXPECT_EQ(snapshot_of(read_back(snapshot_of(PartitionState()))), snapshot_of(PartitionState()));
}

TEST_F(Snapshot, DecidesAsTheStateDid) {
  given_a_bit_of_everything();
  const PartitionState again = read_back(snapshot_of(partition_.state()));
  for (int i = 0; i < 600; ++i)
    for (const schema::Command& command : {confirm(nth(i)), release(nth(i)), claim_ticket(nth(i))})
      EXPECT_EQ(decide(again, Partition::the_gala(), command, noon + 1h, noon + 2s),
                decide(partition_.state(), Partition::the_gala(), command, noon + 1h, noon + 2s));
}

TEST_F(Snapshot, OfAFrozenStateShowsNothingOfWhatCameAfter) {
  given_a_bit_of_everything();
  const std::string before = snapshot_of(partition_.state());
  const FrozenState frozen = freeze(partition_.state());
  for (int i = 0; i < 600; ++i) partition_.ask(release(nth(i)), noon + 2s);
  for (int i = 600; i < 1600; ++i) partition_.ask(claim_ticket(nth(i)), noon + 2s);
  partition_.ask(step(OccasionStep::close));
  partition_.ask(schema::DeleteKey{}, noon, named<SubjectId>("key"));
  EXPECT_EQ(snapshot_of(frozen), before);
  EXPECT_NE(snapshot_of(partition_.state()), before);
}

TEST_F(Snapshot, OutlivesTheState) {
  given_a_bit_of_everything();
  const std::string before = snapshot_of(partition_.state());
  const FrozenState frozen = freeze(partition_.state());
  partition_ = Partition();
  EXPECT_EQ(snapshot_of(frozen), before);
}

TEST_F(Snapshot, IsWrittenByAnotherThreadWhileTheOwnerGoesOn) {
  given_a_bit_of_everything();
  for (int round = 0; round < 6; ++round) {
    const std::string expected = snapshot_of(partition_.state());
    std::string written;
    std::thread writer([frozen = freeze(partition_.state()), &written]() mutable {
      written = snapshot_of(frozen);
      frozen = {};  // the last use of what it read may be on either thread
    });
    for (int i = 0; i < 600; ++i) {
      partition_.ask(release(nth(i)), noon + 2s);
      partition_.ask(claim_ticket(nth(i)), noon + 2s);
    }
    writer.join();
    EXPECT_EQ(written, expected);
  }
}

TEST_F(Snapshot, StopsWhereItsBytesAreNotTaken) {
  given_a_bit_of_everything();
  EXPECT_FALSE(write(freeze(partition_.state()), [](std::string_view) { return false; }));
}

TEST_F(Snapshot, IsRefusedWhereItIsCutOffOrGoesOn) {
  given_a_bit_of_everything(20);
  const std::string bytes = snapshot_of(partition_.state());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(read(bytes + '\0'));
}

TEST_F(Snapshot, OfAnotherVersionIsRefused) {
  std::string bytes = snapshot_of(partition_.state());
  ++bytes[7];  // the magic number's last byte says which
  EXPECT_FALSE(read(bytes));
}

TEST_F(Snapshot, ThatIsDamagedIsRefusedOrReadButNeverTrusted) {
  given_a_bit_of_everything(20);
  const std::string bytes = snapshot_of(partition_.state());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    if (const auto state = read(damaged)) {
      EXPECT_LE(state->live_claims(), 20U);
    }
  }
}

}  // namespace
}  // namespace boxoffice::domain::tests
