// API keys, and what is noted of their use.

#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

class KeyTest : public BoxOffice {
 protected:
  // The subject of the fixture's commands stands for the key.
  static schema::CreateKey gate_key() {
    return {.name = "Gate 1", .role = schema::Role::gate, .occasion = gala, .hash = {}};
  }
  bool works() const { return domain::works(partition_.state().keys(), gala.as<schema::KeyTag>()); }
};

TEST_F(KeyTest, IsCreatedUsedAndDeleted) {
  when(gate_key());
  then(schema::KeyCreated{"Gate 1", schema::Role::gate, gala, {}});
  EXPECT_TRUE(works());
  when(schema::RecordKeyUse{});
  then(schema::KeyUsed{});
  when(schema::DeleteKey{});
  then(schema::KeyDeleted{});
  EXPECT_FALSE(works());
}

TEST_F(KeyTest, IsUnknownBeforeItIsMadeAndAfterItIsDeleted) {
  when(schema::DeleteKey{});
  then(schema::KeyDeletionRefused{schema::KeyRefusal::unknown_key});
  when(schema::RecordKeyUse{});
  then(schema::KeyUseRefused{schema::KeyRefusal::unknown_key});
  given(gate_key());
  given(schema::DeleteKey{});
  when(schema::DeleteKey{});
  then(schema::KeyDeletionRefused{schema::KeyRefusal::unknown_key});
}

TEST_F(KeyTest, DoesNotComeBackOnceItIsDeleted) {
  given(gate_key());
  given(schema::DeleteKey{});
  when(gate_key());
  then(schema::KeyCreationRefused{
      "Gate 1", schema::Role::gate, gala, {}, schema::KeyRefusal::key_ended});
  EXPECT_FALSE(works());
}

TEST_F(KeyTest, StaysTheSameWhenItIsMadeAgainWhileItWorks) {
  given(gate_key());
  when(gate_key());
  then(schema::KeyCreated{"Gate 1", schema::Role::gate, gala, {}});
  EXPECT_TRUE(works());
}

TEST_F(KeyTest, MayOpenSealedDataThoughItIsOnNoLog) {
  when(schema::OpenSealedData{.filter = "occasion=gala"});
  then(schema::SealedDataOpened{.filter = "occasion=gala"});
}

TEST_F(KeyTest, DoesNothingAfterTheDeadline) {
  constexpr auto late = schema::KeyRefusal::too_late;
  when_late(gate_key());
  then(schema::KeyCreationRefused{"Gate 1", schema::Role::gate, gala, {}, late});
  when_late(schema::DeleteKey{});
  then(schema::KeyDeletionRefused{late});
  when_late(schema::RecordKeyUse{});
  then(schema::KeyUseRefused{late});
  when_late(schema::OpenSealedData{.filter = "f"});
  then(schema::SealedDataRefused{.filter = "f", .refusal = late});
  EXPECT_FALSE(works());
}

}  // namespace
}  // namespace boxoffice::domain::tests
