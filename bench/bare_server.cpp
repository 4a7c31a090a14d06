// boxoffice_bare_server: what Beast can do at best on this machine: it reads each request and
// answers with a fixed body. The baseline that the product's rates are divided by.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fstream>
#include <optional>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr auto kTimeout = std::chrono::seconds(30);

/// One connection: read, answer, read again.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket&& socket, const std::string& body) : stream_(std::move(socket)), body_(body) {
    beast::error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }

  void read() {
    request_ = {};
    stream_.expires_after(kTimeout);
    http::async_read(stream_, buffer_, request_,
                     beast::bind_front_handler(&Session::answer, shared_from_this()));
  }

 private:
  void answer(beast::error_code error, std::size_t) {
    if (error) return;
    const auto status =
        request_.method() == http::verb::post ? http::status::created : http::status::ok;
    response_ = {status, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = body_;
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      beast::bind_front_handler(&Session::written, shared_from_this()));
  }

  void written(beast::error_code error, std::size_t) {
    if (error) return;
    if (response_.keep_alive()) return read();
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  const std::string& body_;
};

/// Hands accepted connections to the threads in turn, each of which has an io_context of its own.
class Acceptor {
 public:
  Acceptor(std::vector<std::unique_ptr<asio::io_context>>& contexts, const std::string& body)
      : contexts_(contexts),
        acceptor_(*contexts.front(), {asio::ip::make_address("127.0.0.1"), 0}),
        body_(body) {
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    asio::io_context& context = *contexts_[next_++ % contexts_.size()];
    acceptor_.async_accept(context, [this, &context](beast::error_code error, tcp::socket socket) {
      if (!error) {
        auto session = std::make_shared<Session>(std::move(socket), body_);
        asio::post(context, [session] { session->read(); });
      }
      accept();
    });
  }

  std::vector<std::unique_ptr<asio::io_context>>& contexts_;
  tcp::acceptor acceptor_;
  const std::string& body_;
  std::size_t next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A bare Beast server: the baseline of the benches");
  int threads = 2;
  std::size_t body_bytes = 300;
  std::string ready_file;
  app.add_option("--threads", threads, "Threads, each with an io_context of its own");
  app.add_option("--body-bytes", body_bytes, "Size of the answers' bodies");
  app.add_option("--ready-file", ready_file, "Written when it listens, as the product does");
  CLI11_PARSE(app, argc, argv);

  std::vector<std::unique_ptr<asio::io_context>> contexts;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards;
  for (int made = 0; made < threads; ++made) {
    contexts.push_back(std::make_unique<asio::io_context>(1));
    guards.push_back(asio::make_work_guard(*contexts.back()));
  }
  const std::string body(body_bytes, 'x');
  const Acceptor acceptor(contexts, body);
  if (!ready_file.empty())
    std::ofstream(ready_file) << fmt::format(R"({{"listen":"127.0.0.1:{}"}})", acceptor.port());

  std::vector<std::jthread> others;
  for (std::size_t index = 1; index < contexts.size(); ++index)
    others.emplace_back([&context = *contexts[index]] { context.run(); });
  contexts.front()->run();
}
