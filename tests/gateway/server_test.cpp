// http/ alone, over sockets: what a server owes to clients good and bad, whatever is served.
#include "gateway/http/server.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "tests/gateway/http_client.hpp"

namespace boxoffice::gateway_test {
namespace {

using namespace std::chrono_literals;
using gateway::http::Answered;
using gateway::http::Reply;
using gateway::http::Request;
using gateway::http::Server;
using gateway::http::ServerSettings;
using gateway::http::Waiting;

/// A server with three things to ask for: `/echo` gives the body back, `/later` waits for
/// `answer_all`, `/throw` throws.
class ServerTest : public testing::Test {
 protected:
  void serve(ServerSettings settings = {}) {
    server_ = std::make_unique<Server>(
        std::move(settings),
        [this](const Request& request, Reply reply) { handle(request, std::move(reply)); },
        [this](const Answered& answered) {
          std::lock_guard lock(mutex_);
          statuses_.push_back(answered.status);
        });
    ASSERT_TRUE(server_->start().has_value());
  }
  ~ServerTest() override {
    if (server_) server_->stop();
  }

  void handle(const Request& request, Reply reply) {
    if (request.target == "/throw") throw std::runtime_error("as asked");
    if (request.body_too_large) return reply.send(413, "text/plain", request.body);
    if (request.target != "/later") {
      reply.add_header("X-Method", gateway::http::to_text(request.method));
      reply.add_header("X-Seen-Id", request.id);
      return reply.send(200, "text/plain",
                        request.target == "/echo" ? request.body : request.target);
    }
    std::lock_guard lock(mutex_);
    later_.push_back(std::make_shared<Reply>(std::move(reply)));
    arrived_.notify_all();
  }

  void wait_for_later(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, 10s, [&] { return later_.size() >= count; });
    ASSERT_GE(later_.size(), count);
  }
  /// From another thread than the replies' own, as the processor does.
  void answer_all() {
    std::vector<std::shared_ptr<Reply>> replies;
    {
      std::lock_guard lock(mutex_);
      replies.swap(later_);
    }
    for (const auto& reply : replies) {
      reply->home()->post([reply] { reply->send(200, "text/plain", "later"); });
    }
  }
  Connection connect() { return Connection(server_->port()); }
  Answer get(std::string path) { return ask(server_->port(), {.path = std::move(path)}); }

  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::shared_ptr<Reply>> later_;
  std::vector<int> statuses_;
};

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  serve();
  Connection connection = connect();
  for (int i = 0; i < 3; ++i) {
    connection.send(kGet);
    const Answer answer = connection.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "/a");
    EXPECT_TRUE(answer.header("date").ends_with(" GMT"));
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  serve();
  Connection connection = connect();
  connection.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /later HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /4 HTTP/1.1\r\nHost: "
      "x\r\n\r\n");
  wait_for_later(1);
  answer_all();
  EXPECT_EQ(connection.read().body, "/1");
  EXPECT_EQ(connection.read().body, "later");
  EXPECT_EQ(connection.read().body, "abc");
  EXPECT_EQ(connection.read().body, "/4");
}

TEST_F(ServerTest, AnswersManyPipelinedRequestsBeyondTheBoundOfWhatIsUnsent) {
  serve();
  Connection connection = connect();
  const std::string body(50'000, 'x');
  std::string all;
  for (int i = 0; i < 40; ++i) {
    all += text_of({.method = "POST", .path = "/echo", .body = body});
  }
  std::thread sender([&] { connection.send(all); });
  for (int i = 0; i < 40; ++i) EXPECT_EQ(connection.read().body, body);
  sender.join();
}

TEST_F(ServerTest, TakesARequestByteForByte) {
  serve();
  Connection connection = connect();
  const std::string text = text_of({.method = "POST", .path = "/echo", .body = "{\"a\":1}"});
  for (const char c : text) connection.send({&c, 1});
  EXPECT_EQ(connection.read().body, "{\"a\":1}");
}

TEST_F(ServerTest, TakesAChunkedBody) {
  serve();
  Connection connection = connect();
  connection.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  connection.send("2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n");
  connection.send(kGet);
  EXPECT_EQ(connection.read().body, "abcde");
  EXPECT_EQ(connection.read().body, "/a");
}

TEST_F(ServerTest, PromisesToGoOnWhereTheClientAsks) {
  serve();
  Connection connection = connect();
  connection.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  connection.send("ok");
  EXPECT_EQ(connection.read().body, "ok");
}

TEST_F(ServerTest, TellsTheLengthAndWithholdsTheBodyOfHead) {
  serve();
  Connection connection = connect();
  connection.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer answer = connection.read(true);
  EXPECT_EQ(answer.header("content-length"), "4");
  connection.send(kGet);
  EXPECT_EQ(connection.read().body, "/a");
}

TEST_F(ServerTest, ClosesWhereTheClientAsks) {
  serve();
  for (const std::string_view text :
       {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
    Connection connection = connect();
    connection.send(text);
    EXPECT_EQ(connection.read().header("connection"), "close");
    EXPECT_TRUE(connection.ended());
  }
}

TEST_F(ServerTest, TellsAnOldClientThatItsConnectionStays) {
  serve();
  Connection connection = connect();
  for (int i = 0; i < 2; ++i) {
    connection.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(connection.read().header("connection"), "keep-alive");
  }
  connection.send(kGet);
  EXPECT_EQ(connection.read().header("connection"), "") << "HTTP/1.1 need not be told";
}

TEST_F(ServerTest, AnswersAHalfClosedConnection) {
  serve();
  Connection connection = connect();
  connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  connection.finish_sending();
  wait_for_later(1);
  answer_all();
  EXPECT_EQ(connection.read().body, "later");
  EXPECT_TRUE(connection.ended());
}

TEST_F(ServerTest, AnswersARequestCutOffInItsMiddle) {
  serve();
  Connection connection = connect();
  connection.send("GET /a HTTP/1.1\r\nHos");
  connection.finish_sending();
  EXPECT_EQ(connection.read().problem(), "malformed_http");
  EXPECT_TRUE(connection.ended());
}

TEST_F(ServerTest, RefusesWhatIsNoHttp) {
  serve();
  const std::vector<std::pair<std::string, int>> cases{
      {"nonsense\r\n\r\n", 400},
      {"GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /a HTTP/x.y\r\nHost: x\r\n\r\n", 400},
      {"GET /a HTTP/1.1\nHost: x\n\n", 400},
      {"GET /a HTTP/1.0\n\n", 400},
      {"GET /a HTTP/3.0\nHost: x\n\n", 505},
      {"GET /a HTTP/2.01\r\nHost: x\r\n\r\n", 400},
      {"GET /a HTTP/1.1\r\nBad Header: x\r\n\r\n", 400},
      {"GET /a HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
  };
  for (const auto& [text, status] : cases) {
    Connection connection = connect();
    connection.send(text);
    const Answer answer = connection.read();
    EXPECT_EQ(answer.status, status) << text;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json") << text;
    EXPECT_TRUE(connection.ended()) << text;
  }
}

TEST_F(ServerTest, WantsToKnowWhichHostIsAsked) {
  serve();
  for (const std::string hosts : {"", "Host: x\r\nHost: x\r\n", "Host: x, y\r\n", "Host: a b\r\n",
                                  "Host: a/b\r\n", "Host: me@x\r\n"}) {
    Connection connection = connect();
    connection.send("GET /a HTTP/1.1\r\n" + hosts + "\r\n");
    const Answer answer = connection.read();
    EXPECT_EQ(answer.status, 400) << hosts;
    EXPECT_EQ(answer.problem(), "malformed_http") << hosts;
    EXPECT_TRUE(connection.ended()) << hosts;
  }
  for (const std::string host : {"", "x", "x.example:80", "[2001:db8::1]:80", "127.0.0.1:8080"}) {
    Connection connection = connect();
    connection.send("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    EXPECT_EQ(connection.read().status, 200) << host;
  }
  Connection old = connect();
  old.send("GET /a HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n");
  EXPECT_EQ(old.read().status, 400);
}

TEST_F(ServerTest, NamesEachRequest) {
  serve();
  Connection connection = connect();
  connection.send("GET /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: my-request_1\r\n\r\n");
  const Answer named = connection.read();
  EXPECT_EQ(named.header("x-request-id"), "my-request_1");
  EXPECT_EQ(named.header("x-seen-id"), "my-request_1");
  std::set<std::string> ids;
  for (const std::string& given :
       {std::string(), std::string("no spaces"), std::string("\xff"), std::string(65, 'x')}) {
    connection.send("GET /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: " + given + "\r\n\r\n");
    const Answer answer = connection.read();
    EXPECT_EQ(answer.header("x-request-id"), answer.header("x-seen-id"));
    ids.insert(answer.header("x-request-id"));
  }
  EXPECT_EQ(ids.size(), 4U);
  EXPECT_FALSE(ids.contains(""));
  connection.send("GET /throw HTTP/1.1\r\nHost: x\r\nX-Request-Id: thrown\r\n\r\n");
  EXPECT_EQ(connection.read().header("x-request-id"), "thrown");
}

TEST_F(ServerTest, NamesRequestsThatItNeverHandsOn) {
  serve({.connections_max = 8,
         .header_bytes_max = 2048,
         .body_bytes_max = 1000,
         .request_timeout = 50ms});
  const std::vector<std::pair<std::string, int>> cases{
      {"nonsense\r\n\r\n", 400},
      {"GET /a HTTP/1.1\r\n\r\n", 400},
      {"GET /a HTTP/1.1\r\nHost: x\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", 431},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413},
      {"GET /a HTTP/1.1\r\n", 408},
  };
  std::set<std::string> ids;
  for (const auto& [text, status] : cases) {
    Connection connection = connect();
    connection.send(text);
    const Answer answer = connection.read();
    EXPECT_EQ(answer.status, status);
    EXPECT_TRUE(ids.insert(answer.header("x-request-id")).second) << status;
  }
  EXPECT_FALSE(ids.contains(""));
  Connection told = connect();
  told.send("POST /echo HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(told.read().header("x-request-id"), "mine");
}

TEST_F(ServerTest, RefusesHugeHeadersAndBodies) {
  serve({.header_bytes_max = 2048, .body_bytes_max = 1000});
  Connection headers = connect();
  headers.send("GET /a HTTP/1.1\r\nHost: x\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  EXPECT_EQ(headers.read().status, 431);
  Connection body = connect();
  body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(body.read().status, 413);
  Connection chunks = connect();
  chunks.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n");
  EXPECT_EQ(chunks.read().status, 413);
  Connection most = connect();
  most.send(text_of({.method = "POST", .path = "/echo", .body = std::string(1000, 'x')}));
  EXPECT_EQ(most.read().status, 200);
}

TEST_F(ServerTest, TellsSlowSendersAndClosesIdleConnections) {
  serve({.request_timeout = 50ms, .idle_timeout = 100ms});
  Connection slow_headers = connect();
  slow_headers.send("GET /a HTTP/1.1\r\n");
  EXPECT_EQ(slow_headers.read().problem(), "too_slow");
  EXPECT_TRUE(slow_headers.ended());
  Connection slow_body = connect();
  slow_body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_EQ(slow_body.read().problem(), "too_slow");
  Connection idle = connect();
  idle.send(kGet);
  EXPECT_EQ(idle.read().status, 200);
  EXPECT_TRUE(idle.ended());
}

TEST_F(ServerTest, HandsOnARequestWhoseBodyIsTooLargeAndNothingBehindIt) {
  serve({.body_bytes_max = 1000});
  for (const std::string& body :
       {"Content-Length: 2000\r\n\r\n" + std::string(kGet),
        "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(kGet)}) {
    Connection connection = connect();
    connection.send("POST /later HTTP/1.1\r\nHost: x\r\n" + body);
    const Answer answer = connection.read();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(connection.ended());
  }
  Connection homeless = connect();
  homeless.send("POST /later HTTP/1.1\r\nContent-Length: 2000\r\n\r\n");
  EXPECT_EQ(homeless.read().status, 400);
}

TEST_F(ServerTest, GivesARequestOneTimeForItsHeadersAndItsBody) {
  serve({.request_timeout = 100ms});
  Connection stuck = connect();
  stuck.send(std::string(kGet) + "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(stuck.read().status, 200);  // so what follows has begun before the next one does
  Connection later = connect();
  later.send("GET /a HTTP/1.1\r\n");
  EXPECT_EQ(later.read().problem(), "too_slow");
  stuck.send("abc");
  EXPECT_EQ(stuck.read().problem(), "too_slow");
}

TEST_F(ServerTest, AnswersForWhoNeverDoes) {
  serve({.answer_timeout = 50ms});
  Connection connection = connect();
  connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer answer = connection.read();
  EXPECT_EQ(answer.problem(), "busy");
  EXPECT_EQ(answer.header("retry-after"), "1");
  answer_all();  // too late, and harmless
  connection.send(kGet);
  EXPECT_EQ(connection.read().body, "/a");
}

TEST_F(ServerTest, TurnsWhatAHandlerThrowsIntoAnAnswer) {
  serve();
  EXPECT_EQ(get("/throw").problem(), "internal_error");
  EXPECT_EQ(get("/a").status, 200);
}

TEST_F(ServerTest, AnswersManyConnectionsOnSeveralThreads) {
  serve({.threads = 3});
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < 30; ++i) {
    connections.push_back(std::make_unique<Connection>(server_->port()));
    connections.back()->send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  wait_for_later(30);
  answer_all();
  for (const auto& connection : connections) EXPECT_EQ(connection->read().body, "later");
}

TEST_F(ServerTest, RefusesConnectionsBeyondTheBound) {
  serve({.connections_max = 2});
  Connection first = connect();
  first.send(kGet);
  EXPECT_EQ(first.read().status, 200);
  Connection second = connect();
  second.send(kGet);
  EXPECT_EQ(second.read().status, 200);
  Connection third = connect();
  const Answer refused = third.read();
  EXPECT_EQ(refused.problem(), "too_many_connections");
  EXPECT_FALSE(refused.header("x-request-id").empty());
  EXPECT_EQ(server_->connections_refused(), 1U);
  first.send(kGet);
  EXPECT_EQ(first.read().status, 200);
}

TEST_F(ServerTest, FinishesWhatIsUnderWayWhenItStops) {
  serve();
  Connection idle = connect();
  idle.send(kGet);
  EXPECT_EQ(idle.read().status, 200);
  Connection busy = connect();
  busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_later(1);
  std::thread stopper([this] { server_->stop(); });
  EXPECT_TRUE(idle.ended());
  answer_all();
  const Answer answer = busy.read();
  EXPECT_EQ(answer.body, "later");
  EXPECT_EQ(answer.header("connection"), "close");
  stopper.join();
  EXPECT_THROW(connect(), std::runtime_error);
}

TEST_F(ServerTest, StopsThoughSomebodyNeverAnswers) {
  serve({.drain_timeout = 50ms});
  Connection busy = connect();
  busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_for_later(1);
  server_->stop();
  EXPECT_TRUE(busy.ended());
  answer_all();  // to nobody, and harmless
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  serve();
  Server other({.port = server_->port()}, {}, {});
  const auto started = other.start();
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().find(std::to_string(server_->port())), std::string::npos);
  Server nowhere({.address = "nowhere"}, {}, {});
  EXPECT_FALSE(nowhere.start().has_value());
}

}  // namespace
}  // namespace boxoffice::gateway_test
