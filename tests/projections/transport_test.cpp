// Read models that are asked over sockets, by good and bad peers, over networks that break.
#include <gtest/gtest.h>

#include <future>

#include "projections/desk/answer.hpp"
#include "projections/desk/local_desk.hpp"
#include "projections/transport/query_server.hpp"
#include "projections/transport/remote_desk.hpp"
#include "tests/projections/raw_peer.hpp"
#include "tests/projections/read_models_fixture.hpp"

namespace boxoffice::projections::transport {
namespace {

using Answered = std::expected<projections::Answer, NoAnswer>;
using schema::OccasionId;

/// A condition that comes about on its own; the bound is for a test that fails.
template <class Condition>
void await(Condition condition, const char* what) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "waited in vain for " << what;
    std::this_thread::sleep_for(1ms);
  }
}

/// Read models of a history, behind a socket.
class Projector {
 public:
  explicit Projector(event_log::Log& log, std::uint16_t port = 0, bool applies = true) {
    auto opened = ReadModels::open(directory_.path() / "projections", log);
    if (!opened) throw std::runtime_error(opened.error().message);
    models_ = std::move(*opened);
    if (applies) models_->start();
    desk_.emplace(*models_);
    server_.emplace(QueryServerSettings{.port = port, .deployment = "a-deployment"}, *desk_,
                    [this, &log] { return health(log); });
    if (const auto started = server_->start(); !started) throw std::runtime_error(started.error());
  }
  ~Projector() { server_->stop(); }

  ReadModels& models() { return *models_; }
  QueryServer& server() { return *server_; }
  std::uint16_t port() const { return server_->port(); }

 private:
  Health health(const event_log::Log& log) const {
    Health health{.ready = models_->ready(),
                  .lag_ms = static_cast<std::uint32_t>(models_->lag().count())};
    for (std::uint16_t i = 0; i < log.partitions(); ++i)
      health.applied.push_back(models_->applied({i}));
    return health;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ReadModels> models_;
  std::optional<LocalDesk> desk_;
  std::optional<QueryServer> server_;
};

class AskingProjectors : public ::testing::Test {
 protected:
  /// Impatient, as the peers are near.
  static RemoteDeskSettings at(std::initializer_list<std::uint16_t> ports) {
    RemoteDeskSettings settings{.projectors = {},
                                .deployment = {},
                                .ping_every = 10ms,
                                .silence_max = 20s,
                                .reconnect_first = 1ms,
                                .reconnect_max = 10ms,
                                .answer_timeout = 20s,
                                .give_up_after = 60s};
    for (const std::uint16_t port : ports) settings.projectors.push_back({"127.0.0.1", port});
    return settings;
  }

  static std::future<Answered> ask(RemoteDesk& desk, Inquiry inquiry) {
    std::promise<Answered> promise;
    auto answered = promise.get_future();
    desk.ask(std::move(inquiry), [promise = std::move(promise)](Answered answer) mutable {
      promise.set_value(std::move(answer));
    });
    return answered;
  }
  static std::future<Answered> ask(RemoteDesk& desk, Question question) {
    return ask(desk, Inquiry{.question = std::move(question)});
  }
  Inquiry about_occasion(Position at_least, std::chrono::milliseconds patience) {
    return {.question = OccasionById{id<OccasionId>(1)},
            .at_least = {at_least},
            .wait_until = std::chrono::steady_clock::now() + patience,
            .strict = true};
  }
  static void await_ready(const RemoteDesk& desk, std::size_t projectors = 1) {
    await([&] { return desk.ready_projectors() == projectors; }, "the projectors");
  }
  static bool has_occasion(const Answered& answer) {
    return answer && std::get<OccasionById::Answer>(*answer) != nullptr;
  }

  /// Asks until `bad` has been asked, too; each time the good one answers in its place.
  void expect_answers_in_place_of(RawProjector& bad, RemoteDeskSettings settings) {
    const Position made = history_.happens(occasion_created(1));
    Projector good(history_.log());
    ASSERT_TRUE(reach(good.models(), {made}));
    settings.projectors = at({bad.port(), good.port()}).projectors;
    RemoteDesk desk(std::move(settings));
    await_ready(desk, 2);
    await(
        [&] {
          EXPECT_TRUE(has_occasion(ask(desk, OccasionById{id<OccasionId>(1)}).get()));
          return bad.asked() > 0 || HasFailure();
        },
        "the bad projector to be asked");
  }

  History history_;
};

TEST_F(AskingProjectors, AnswersAsTheModelsDo) {
  RandomBoxOffice(history_, 1).go_on(40);
  Projector projector(history_.log());
  ASSERT_TRUE(reach(projector.models(), history_.ends()));
  RemoteDesk desk(at({projector.port()}));
  await_ready(desk);
  std::vector<Question> questions{OccasionList{.states = {}, .limit = 3},
                                  KeyList{.scope = {}, .limit = 2},
                                  AuditTrail{.limit = 30},
                                  AuditTrail{.filter = {}, .after = "no cursor", .limit = 3},
                                  WrappedKeys{{{{0}, "nobody's"}}},
                                  Arrival()};
  for (std::uint64_t i = 0; i < 5; ++i) {
    questions.emplace_back(OccasionById{id<OccasionId>(i)});
    questions.emplace_back(AvailabilityById{id<OccasionId>(i)});
    questions.emplace_back(KeyById{id<schema::KeyId>(i)});
    questions.emplace_back(ClaimById{id<OccasionId>(i), id<schema::ClaimId>(i)});
  }
  for (const Question& question : questions) {
    const Answered answered = ask(desk, question).get();
    ASSERT_TRUE(answered.has_value());
    // The bytes say the same where the values do.
    EXPECT_EQ(frame_of(Response(transport::Answered{1, *answered})),
              frame_of(Response(transport::Answered{1, answer(projector.models(), question)})));
  }
}

TEST_F(AskingProjectors, WaitsForThePositionsThatAreToBeThere) {
  Projector projector(history_.log(), 0, /*applies=*/false);
  RemoteDesk desk(at({projector.port()}));
  await_ready(desk);
  const Position made = history_.happens(occasion_created(1));
  auto answered = ask(desk, about_occasion(made, 20s));
  projector.models().start();
  EXPECT_TRUE(has_occasion(answered.get()));
}

TEST_F(AskingProjectors, GivesNoOlderAnswerThanWasDemanded) {
  Projector projector(history_.log(), 0, /*applies=*/false);
  RemoteDesk desk(at({projector.port()}));
  await_ready(desk);
  const Answered answer =
      ask(desk, about_occasion(history_.happens(occasion_created(1)), 1ms)).get();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), NoAnswer::not_reached);
}

TEST_F(AskingProjectors, AsksAnotherWhereOneDiesInTheMidstOfIt) {
  RawProjector dying(healthy([](RawPeer&, const Ask&) { return false; }));
  expect_answers_in_place_of(dying, at({}));
}

TEST_F(AskingProjectors, AsksAnotherWhereOneCutsItsAnswerShort) {
  RawProjector cutting(healthy([](RawPeer& peer, const Ask& ask) {
    const std::string answer =
        frame_of(Response(transport::Answered{ask.number, OccasionById::Answer()}));
    peer.send(std::string_view(answer).substr(0, answer.size() - 1));
    return false;
  }));
  expect_answers_in_place_of(cutting, at({}));
}

TEST_F(AskingProjectors, AsksAnotherWhereOneNeverAnswers) {
  RawProjector mute(healthy([](RawPeer&, const Ask&) { return true; }));
  RemoteDeskSettings impatient = at({});
  impatient.answer_timeout = 50ms;
  expect_answers_in_place_of(mute, std::move(impatient));
}

TEST_F(AskingProjectors, AsksAnotherWhereOneFallsSilent) {
  // As a process that is stopped: its kernel still takes what is sent.
  RawProjector stopped([asked = false](RawPeer& peer, const Request& request) mutable {
    asked = asked || std::holds_alternative<Ask>(request);
    return asked || healthy([](RawPeer&, const Ask&) { return true; })(peer, request);
  });
  RemoteDeskSettings watchful = at({});
  watchful.silence_max = 200ms;
  expect_answers_in_place_of(stopped, std::move(watchful));
}

TEST_F(AskingProjectors, AsksAnotherWhereOneSpeaksNonsense) {
  RawProjector raving(healthy([](RawPeer& peer, const Ask&) {
    peer.send(std::string_view("\0\0\0\2\2x", 6));
    return true;
  }));
  expect_answers_in_place_of(raving, at({}));
}

TEST_F(AskingProjectors, AsksAnotherWhereOneAnswersAnotherQuestion) {
  RawProjector confused(healthy([](RawPeer& peer, const Ask& ask) {
    peer.send(frame_of(Response(transport::Answered{ask.number, AvailabilityById::Answer()})));
    return true;
  }));
  expect_answers_in_place_of(confused, at({}));
}

TEST_F(AskingProjectors, AsksNobodyForWhatAnotherHas) {
  RawProjector behind(healthy([](RawPeer& peer, const Ask& ask) {
    peer.send(frame_of(Response(Unanswered{ask.number, NoAnswer::unavailable})));
    return true;
  }));
  const Position made = history_.happens(occasion_created(1));
  Projector ahead(history_.log());
  ASSERT_TRUE(reach(ahead.models(), {made}));
  RemoteDesk desk(at({behind.port(), ahead.port()}));
  await_ready(desk, 2);
  // From the first answer on, it is known what that one has.
  await([&] { return has_occasion(ask(desk, OccasionById{id<OccasionId>(1)}).get()); }, "it");
  await([&] { return ask(desk, Arrival()).get() && behind.asked() > 0; }, "both in turn");
  const std::size_t before = behind.asked();
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(has_occasion(ask(desk, about_occasion(made, 20s)).get()));
  EXPECT_EQ(behind.asked(), before);
}

TEST_F(AskingProjectors, AsksOneThatIsTooFarBehindOnlyWhereNoOtherIsThere) {
  RawProjector late(healthy(
      [](RawPeer& peer, const Ask& ask) {
        peer.send(frame_of(Response(transport::Answered{ask.number, std::monostate()})));
        return true;
      },
      {.ready = true, .lag_ms = 60'000}));
  auto fresh = std::make_unique<Projector>(history_.log());
  RemoteDesk desk(at({late.port(), fresh->port()}));
  await_ready(desk, 2);
  const std::size_t before = late.asked();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ask(desk, Arrival()).get().has_value());
  EXPECT_EQ(late.asked(), before);
  fresh.reset();
  await([&] { return ask(desk, Arrival()).get().has_value() && late.asked() > before; }, "it");
  EXPECT_GE(desk.lag(), 60s);
}

TEST_F(AskingProjectors, AsksNobodyWhoIsNotReady) {
  RawProjector beginning(healthy([](RawPeer&, const Ask&) { return true; }, {.ready = false}));
  RemoteDesk desk(at({beginning.port()}));
  await([&] { return desk.trouble()->find("catching up") != std::string::npos; }, "its word");
  const Answered answer = ask(desk, Arrival()).get();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), NoAnswer::unavailable);
  EXPECT_EQ(beginning.asked(), 0u);
}

TEST_F(AskingProjectors, SaysWhoAcceptsAndSaysNothing) {
  RawProjector silent([](RawPeer&, const Request&) { return true; });
  RemoteDeskSettings settings = at({silent.port()});
  settings.silence_max = 50ms;
  RemoteDesk desk(settings);
  await([&] { return desk.trouble()->find("peer_silent") != std::string::npos; }, "its silence");
  EXPECT_FALSE(ask(desk, Arrival()).get().has_value());
}

TEST_F(AskingProjectors, SaysWhoHasOtherReadModels) {
  Projector other(history_.log());
  RemoteDeskSettings settings = at({other.port()});
  settings.deployment = "another";
  RemoteDesk desk(settings);
  await([&] { return desk.trouble()->find("deployment_other") != std::string::npos; }, "a word");
}

TEST_F(AskingProjectors, SaysThatANameIsUnknown) {
  RemoteDeskSettings settings = at({});
  settings.projectors = {{"no such host", 1}};
  RemoteDesk desk(settings);
  await([&] { return desk.trouble()->find("no such host") != std::string::npos; }, "the name");
}

TEST_F(AskingProjectors, ComesBackWhenTheyDo) {
  auto projector = std::make_unique<Projector>(history_.log());
  const std::uint16_t port = projector->port();
  RemoteDesk desk(at({port}));
  await_ready(desk);
  projector.reset();
  await([&] { return desk.trouble().has_value(); }, "the loss");
  EXPECT_FALSE(ask(desk, Arrival()).get().has_value());
  projector = std::make_unique<Projector>(history_.log(), port);
  await_ready(desk);
  EXPECT_TRUE(ask(desk, Arrival()).get().has_value());
}

TEST_F(AskingProjectors, TakesSoManyQuestionsAtATime) {
  RawProjector mute(healthy([](RawPeer&, const Ask&) { return true; }));
  RemoteDeskSettings settings = at({mute.port()});
  settings.under_way_max = 1;
  auto desk = std::make_unique<RemoteDesk>(settings);
  await_ready(*desk);
  auto first = ask(*desk, Arrival());
  const Answered second = ask(*desk, Arrival()).get();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error(), NoAnswer::unavailable);
  desk.reset();
  EXPECT_EQ(first.get().error(), NoAnswer::unavailable) << "also what is under way is told so";
}

/// What a projector does with gateways of whatever kind.
class AProjector : public ::testing::Test {
 protected:
  static Request hello() { return Hello{.deployment = "a-deployment"}; }

  void expect_gone(const char* what) {
    await([&] { return projector_.server().connections() == 0; }, what);
    RawGateway other(projector_.port());
    other.send(hello());
    EXPECT_TRUE(std::holds_alternative<Welcome>(other.next().value())) << "others are served";
  }
  std::string farewell_to(const std::string& bytes, bool greets = true) {
    RawGateway gateway(projector_.port());
    if (greets) gateway.send(hello());
    gateway.send(bytes);
    return gateway.farewell();
  }

  History history_;
  Projector projector_{history_.log()};
};

TEST_F(AProjector, NamesWhatIsWrong) {
  const auto frame = [](const Request& request) { return frame_of(request); };
  EXPECT_EQ(farewell_to(std::string("\0\0\0\2\xffx", 6)), "frame_malformed");
  EXPECT_EQ(farewell_to("\x7f\xff\xff\xff"), "frame_too_long");
  EXPECT_EQ(farewell_to(frame(hello())), "frame_unexpected");
  EXPECT_EQ(farewell_to(frame(Ping{1}), false), "frame_unexpected");
  EXPECT_EQ(farewell_to(frame(Hello{.version = 99}), false), "version_unknown");
  EXPECT_EQ(farewell_to(frame(Hello{.magic = 1}), false), "version_unknown");
  EXPECT_EQ(farewell_to(frame(Hello{.deployment = "another"}), false), "deployment_other");
  EXPECT_EQ(farewell_to(frame(Ask{.number = 1, .question = AuditTrail{.limit = 0}})),
            "frame_malformed");
  EXPECT_EQ(farewell_to(frame(Ask{.number = 1, .question = KeyList{.scope = {}, .limit = 501}})),
            "frame_malformed");
  expect_gone("them all to be gone");
}

TEST_F(AProjector, ForgetsWhoIsCutOff) {
  {
    RawGateway gateway(projector_.port());
    const std::string bytes = frame_of(hello());
    gateway.send(std::string_view(bytes).substr(0, 9));
    gateway.close();
  }
  expect_gone("the gateway to be gone");
}

TEST_F(AProjector, ForgetsWhoSaysNoMore) {
  RawGateway gateway(projector_.port());
  gateway.send(hello());
  gateway.send(Ask{.number = 1,
                   .wait_ms = 60'000,
                   .strict = true,
                   .at_least = {{{0}, {99}}},
                   .question = Arrival()});
  ASSERT_TRUE(std::holds_alternative<Welcome>(gateway.next().value()));
  gateway.say_no_more();
  EXPECT_EQ(gateway.farewell(), "");
  expect_gone("the gateway to be gone");
}

TEST_F(AProjector, AnswersInWhateverOrderTheAnswersCome) {
  RawGateway gateway(projector_.port());
  gateway.send(hello());
  gateway.send(Ask{.number = 1,
                   .wait_ms = 20'000,
                   .strict = true,
                   .at_least = {{schema::partition_of(schema::to_text(id<OccasionId>(1)), 4), {1}}},
                   .question = Arrival()});
  gateway.send(Ask{.number = 2, .question = Arrival()});
  ASSERT_TRUE(std::holds_alternative<Welcome>(gateway.next().value()));
  EXPECT_EQ(std::get<transport::Answered>(gateway.next().value()).number, 2u);
  history_.happens(occasion_created(1));
  EXPECT_EQ(std::get<transport::Answered>(gateway.next().value()).number, 1u);
}

}  // namespace
}  // namespace boxoffice::projections::transport
