// Requests to the holder of a directory: answered one by one, whatever else comes over the socket.

#include "replay-tools/control/control.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <future>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "replay-tools/control/messages.hpp"
#include "replay-tools/control/socket.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::control {
namespace {

namespace fs = std::filesystem;

using Answer = std::expected<std::string, std::string>;

class Control : public ::testing::Test {
 protected:
  void serve(Handlers handlers, LongHandlers long_handlers = {}) {
    auto server = Server::start(directory_.path(), std::move(handlers), std::move(long_handlers));
    ASSERT_TRUE(server) << server.error();
    server_ = std::move(*server);
  }

  std::expected<std::string, Error> ask(std::string_view what, std::string_view with = "{}") {
    return request(directory_.path(), what, with);
  }

  Descriptor connected() {
    const SocketAddress address(directory_.path());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    EXPECT_EQ(::connect(socket.get(), address.get(), sizeof address.name), 0);
    return socket;
  }

  /// Sends `text` as it is and returns all that comes back.
  std::string sent(std::string_view text) {
    const Descriptor socket = connected();
    ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    ::shutdown(socket.get(), SHUT_WR);
    std::string answer;
    char part[4096];
    for (ssize_t got; (got = ::recv(socket.get(), part, sizeof part, 0)) > 0;)
      answer.append(part, static_cast<std::size_t>(got));
    return answer;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Server> server_;
};

Handler echo() {
  return [](std::string_view with) -> Answer { return std::string(with); };
}

TEST_F(Control, AnswersWithWhatTheHandlerReturns) {
  serve(
      {{"echo", echo()}, {"status", [](std::string_view) -> Answer { return R"({"up":true})"; }}});
  EXPECT_EQ(ask("echo", R"({"text":"ä\n\"","list":[1,2]})"), R"({"text":"ä\n\"","list":[1,2]})");
  EXPECT_EQ(ask("status"), R"({"up":true})");
}

TEST_F(Control, GivesTheReasonOfARefusal) {
  serve({{"no", [](std::string_view) -> Answer { return std::unexpected("not \"today\"\n"); }}});
  const auto answer = ask("no");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  EXPECT_EQ(answer.error().message, "not \"today\"\n");
}

TEST_F(Control, RefusesWhatItHasNoHandlerFor) {
  serve({{"echo", echo()}});
  const auto answer = ask("ehco");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  EXPECT_EQ(answer.error().message, "there is no request named ehco");
}

TEST_F(Control, RefusesBadRequestsAndGoesOn) {
  serve({{"echo", echo()}});
  for (const std::string_view bad :
       {"\n", "hello\n", "[]\n", "{}\n", "{\"do\":\"echo\"}\n", "{\"do\":1,\"with\":{}}\n",
        "{\"do\":\"echo\",\"with\":[]}\n", "{\"do\":\"echo\",\"with\":{},\"more\":1}\n",
        "{\"do\":\"echo\",\"with\":{}\n", "\xff\xfe\n"})
    EXPECT_TRUE(sent(bad).starts_with("{\"error\":{\"name\":\"refused\"")) << bad;
  EXPECT_EQ(sent("no end of line"), "");
  EXPECT_EQ(sent(""), "");
  EXPECT_EQ(ask("echo"), "{}");
}

TEST_F(Control, TakesARequestInPieces) {
  serve({{"echo", echo()}});
  const Descriptor socket = connected();
  for (const char character : std::string_view("{\"do\":\"echo\",\"with\":{\"a\":1}}\n"))
    ASSERT_EQ(::send(socket.get(), &character, 1, MSG_NOSIGNAL), 1);
  char answer[64];
  const ssize_t got = ::recv(socket.get(), answer, sizeof answer, MSG_WAITALL);
  EXPECT_EQ(std::string_view(answer, static_cast<std::size_t>(got)), "{\"ok\":{\"a\":1}}\n");
}

TEST_F(Control, RefusesRequestsThatAreTooBig) {
  serve({{"echo", echo()}});
  const std::string most(kRequestBytesMax - 40, 'x');
  EXPECT_EQ(ask("echo", "{\"text\":\"" + most + "\"}"), "{\"text\":\"" + most + "\"}");
  const auto answer = ask("echo", "{\"text\":\"" + std::string(1 << 20, 'x') + "\"}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused) << answer.error().message;
  EXPECT_EQ(ask("echo"), "{}");
}

TEST_F(Control, AnswersOneWhileAnotherHasNotSaidWhatItWants) {
  serve({{"echo", echo()}});
  const Descriptor silent = connected();
  ASSERT_EQ(::send(silent.get(), "{\"do\"", 5, MSG_NOSIGNAL), 5);
  EXPECT_EQ(ask("echo"), "{}");
}

TEST_F(Control, ServesSeveralClientsOneAtATime) {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  serve({{"count", [&](std::string_view) -> Answer {
            most = std::max(most.load(), ++inside);
            std::this_thread::yield();
            --inside;
            return "{}";
          }}});
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 4; ++i)
    clients.push_back(std::async(std::launch::async, [this] {
      int answered = 0;
      for (int j = 0; j < 50; ++j) answered += ask("count").has_value();
      return answered;
    }));
  for (auto& client : clients) EXPECT_EQ(client.get(), 50);
  EXPECT_EQ(most, 1);
}

TEST_F(Control, TheSocketIsItsOwnersAlone) {
  serve({{"echo", echo()}});
  struct stat status;
  ASSERT_EQ(::stat((directory_.path() / kSocketName).c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Control, ReplacesTheSocketOfADeadProcess) {
  {
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    const SocketAddress address(directory_.path());
    ASSERT_EQ(::bind(dead.get(), address.get(), sizeof address.name), 0);
  }
  ASSERT_TRUE(fs::exists(directory_.path() / kSocketName));
  const auto unanswered = ask("echo");
  ASSERT_FALSE(unanswered);
  EXPECT_EQ(unanswered.error().kind, ErrorKind::nobody);

  serve({{"echo", echo()}});
  EXPECT_EQ(ask("echo"), "{}");
}

TEST_F(Control, NobodyAnswersWhereNoServerIs) {
  const auto before = ask("echo");
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().kind, ErrorKind::nobody);
  EXPECT_NE(before.error().message.find("control.sock"), std::string::npos);

  serve({{"echo", echo()}});
  server_.reset();
  EXPECT_FALSE(fs::exists(directory_.path() / kSocketName));
  const auto after = ask("echo");
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().kind, ErrorKind::nobody);

  const auto nowhere = request(directory_.path() / "nowhere", "echo");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().kind, ErrorKind::nobody);
}

TEST_F(Control, EndingWaitsForTheRequestUnderWay) {
  std::latch begun(1), may_end(1);
  serve({{"long", [&](std::string_view) -> Answer {
            begun.count_down();
            may_end.wait();
            return R"({"done":true})";
          }}});
  auto client = std::async(std::launch::async, [this] { return ask("long"); });
  begun.wait();
  auto end = std::async(std::launch::async, [this] { server_.reset(); });
  may_end.count_down();
  EXPECT_EQ(client.get(), R"({"done":true})");
  end.get();
}

TEST_F(Control, ALongRequestHoldsUpNoOtherAndTakesNoSecond) {
  std::latch begun(1), may_end(1);
  serve({{"echo", echo()}},
        {{"long",
          [&](std::string_view with, const std::stop_token&) -> Answer {
            begun.count_down();
            may_end.wait();
            return std::string(with);
          }},
         {"other", [](std::string_view, const std::stop_token&) -> Answer { return "{}"; }}});
  auto client = std::async(std::launch::async, [this] { return ask("long", R"({"a":1})"); });
  begun.wait();
  EXPECT_EQ(ask("echo"), "{}");
  const auto second = ask("other");
  may_end.count_down();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::refused);
  EXPECT_EQ(second.error().message, "busy: a long is under way; try again when it is done");
  EXPECT_EQ(client.get(), R"({"a":1})");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask("other"), "{}") << "who was answered may ask again";
}

TEST_F(Control, EndingStopsALongRequestAndAnswersIt) {
  std::latch begun(1);
  serve({}, {{"long", [&](std::string_view, std::stop_token stop) -> Answer {
                std::promise<void> stopped;
                const std::stop_callback on_stop(stop, [&] { stopped.set_value(); });
                begun.count_down();
                stopped.get_future().wait();
                return std::unexpected("stopping");
              }}});
  auto client = std::async(std::launch::async, [this] { return ask("long"); });
  begun.wait();
  server_.reset();
  const auto answer = client.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "stopping");
}

TEST_F(Control, AClientDoesNotWaitForEver) {
  std::latch may_end(1);
  serve({{"long", [&](std::string_view) -> Answer {
            may_end.wait();
            return "{}";
          }}});
  const auto answer = request(directory_.path(), "long", "{}", std::chrono::milliseconds(20));
  may_end.count_down();
  server_.reset();  // it uses what this test owns
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::broken);
}

TEST_F(Control, WorksInADirectoryWhoseNameIsTooLongForASocket) {
  const fs::path deep = directory_.path() / std::string(200, 'd');
  fs::create_directory(deep);
  const auto server = Server::start(deep, {{"echo", echo()}});
  ASSERT_TRUE(server) << server.error();
  EXPECT_EQ(request(deep, "echo"), "{}");
}

}  // namespace
}  // namespace boxoffice::control
