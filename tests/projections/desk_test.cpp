// Asking the read models of one's own process: what is there at once, what comes later, from where.
#include <future>
#include <thread>

#include "projections/desk/local_desk.hpp"
#include "tests/projections/read_models_fixture.hpp"

namespace boxoffice::projections {
namespace {

using Answered = std::expected<Answer, NoAnswer>;
using schema::OccasionId;

class AskingLocally : public ReadModelsTest {
 protected:
  LocalDesk& desk() {
    if (!desk_) desk_ = std::make_unique<LocalDesk>(models());
    return *desk_;
  }

  std::future<Answered> ask(Inquiry inquiry) {
    std::promise<Answered> promise;
    auto answered = promise.get_future();
    desk().ask(std::move(inquiry), [promise = std::move(promise)](Answered answer) mutable {
      promise.set_value(std::move(answer));
    });
    return answered;
  }

  template <class Question>
  typename Question::Answer at_once(Question question) {
    auto answer = desk().at_once(question, {});
    EXPECT_TRUE(answer.has_value()) << "such an answer is there at once";
    return answer ? std::get<typename Question::Answer>(*answer) : typename Question::Answer();
  }

  static Inquiry about_occasion(Position at_least, std::chrono::milliseconds patience,
                                bool strict) {
    return {.question = OccasionById{id<OccasionId>(1)},
            .at_least = {at_least},
            .wait_until = std::chrono::steady_clock::now() + patience,
            .strict = strict};
  }

  Position occasion_by(std::uint64_t occasion, std::optional<std::uint64_t> organizer) {
    Happening created = occasion_created(occasion);
    auto& event = std::get<schema::OccasionCreated>(created.event);
    if (organizer) event.organizer = id<schema::KeyId>(*organizer);
    return history_.happens(std::move(created));
  }

  std::unique_ptr<LocalDesk> desk_;
};

TEST_F(AskingLocally, IsAFunctionCallWhereNothingIsWaitedFor) {
  const Position made = occasion_by(1, {});
  apply_all();
  const auto answer = desk().at_once(OccasionById{id<OccasionId>(1)}, std::span(&made, 1));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<OccasionById::Answer>(*answer)->id, id<OccasionId>(1));
}

TEST_F(AskingLocally, WaitsForThePositionsThatAreToBeThere) {
  const Position made = occasion_by(1, {});
  EXPECT_FALSE(desk().at_once(OccasionById{id<OccasionId>(1)}, std::span(&made, 1)));
  auto answered = ask(about_occasion(made, 20s, true));
  models().start();
  const Answered answer = answered.get();
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(std::get<OccasionById::Answer>(*answer), nullptr);
}

TEST_F(AskingLocally, GivesNoOlderAnswerThanWasDemanded) {
  const Position made = occasion_by(1, {});
  const Answered answer = ask(about_occasion(made, 1ms, true)).get();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), NoAnswer::not_reached);
}

TEST_F(AskingLocally, GivesAnOlderAnswerWhereANewerWasOnlyHopedFor) {
  const Position made = occasion_by(1, {});
  const Answered answer = ask(about_occasion(made, 1ms, false)).get();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<OccasionById::Answer>(*answer), nullptr);
}

TEST_F(AskingLocally, KeepsWhatTakesLongOffTheThreadThatAsks) {
  occasion_by(1, {});
  apply_all();
  EXPECT_FALSE(desk().at_once(AuditTrail{.limit = 10}, {}));
  std::promise<std::thread::id> answering;
  desk().ask({.question = AuditTrail{.limit = 10}}, [&](const Answered& answer) {
    EXPECT_EQ(std::get<AuditTrail::Answer>(*answer)->items.size(), 1u);
    answering.set_value(std::this_thread::get_id());
  });
  EXPECT_NE(answering.get_future().get(), std::this_thread::get_id());
}

TEST_F(AskingLocally, EndsAllWaitsWhenTheModelsEnd) {
  auto answered = ask(about_occasion({{0}, {99}}, 1h, false));
  desk_.reset();
  stop();
  const Answered answer = answered.get();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), NoAnswer::unavailable);
}

TEST_F(AskingLocally, FillsThePagesOfAScope) {
  constexpr std::uint64_t kMine = 77;
  for (std::uint64_t i = 0; i < 30; ++i)
    occasion_by(i, i % 3 == 0 ? std::optional(kMine) : std::nullopt);
  apply_all();
  OccasionList list{.states = {}, .scope = id<schema::KeyId>(kMine), .after = "", .limit = 4};
  std::size_t seen = 0;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = at_once(list);
    ASSERT_TRUE(page.has_value());
    for (const auto& view : page->items) EXPECT_EQ(view->organizer, id<schema::KeyId>(kMine));
    seen += page->items.size();
    if (!page->next) break;
    EXPECT_EQ(page->items.size(), 4u);
    list.after = *page->next;
  }
  EXPECT_EQ(seen, 10u);
  list = {.states = {}, .scope = id<OccasionId>(4), .after = "", .limit = 4};
  ASSERT_EQ(at_once(list)->items.size(), 1u);
}

TEST_F(AskingLocally, ShowsKeysToWhoOrganizesTheirOccasion) {
  const auto key_for = [](std::uint64_t key, std::optional<std::uint64_t> occasion) {
    Happening created = key_created(key);
    if (occasion) std::get<schema::KeyCreated>(created.event).occasion = id<OccasionId>(*occasion);
    return created;
  };
  occasion_by(1, 77);
  occasion_by(2, 78);
  history_.happen({key_for(11, 1)});
  history_.happen({key_for(12, 2)});
  history_.happen({key_for(13, {})});
  apply_all();
  const auto keys_in = [&](Scope scope, std::optional<OccasionId> occasion) {
    const auto page =
        at_once(KeyList{.scope = scope, .occasion = occasion, .after = "", .limit = 9});
    std::vector<schema::KeyId> ids;
    for (const auto& key : page->items) ids.push_back(key->id);
    return ids;
  };
  EXPECT_EQ(keys_in({}, {}).size(), 3u);
  EXPECT_EQ(keys_in({}, id<OccasionId>(2)), std::vector{id<schema::KeyId>(12)});
  EXPECT_EQ(keys_in(id<schema::KeyId>(77), {}), std::vector{id<schema::KeyId>(11)});
  EXPECT_EQ(keys_in(id<OccasionId>(2), {}), std::vector{id<schema::KeyId>(12)});
  const KeyFound found = at_once(KeyById{id<schema::KeyId>(11)});
  ASSERT_NE(found.occasion, nullptr);
  EXPECT_EQ(found.occasion->organizer, id<schema::KeyId>(77));
}

}  // namespace
}  // namespace boxoffice::projections
