#include "app/demo/http_client.hpp"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>

namespace boxoffice::app {

namespace asio = boost::asio;
namespace http = boost::beast::http;

struct HttpClient::Connection {
  asio::io_context context;
  asio::ip::tcp::socket socket{context};
  boost::beast::flat_buffer buffer;
  std::string host;
  std::string port;
};

HttpClient::HttpClient(std::string_view url) : connection_(std::make_unique<Connection>()) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) throw std::invalid_argument("the url must be http://HOST:PORT");
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  const auto colon = url.rfind(':');
  connection_->host = url.substr(0, colon);
  connection_->port = colon == std::string_view::npos ? "80" : url.substr(colon + 1);
  asio::ip::tcp::resolver resolver(connection_->context);
  try {
    asio::connect(connection_->socket, resolver.resolve(connection_->host, connection_->port));
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(
        fmt::format("nobody listens at {}{}: {}", kScheme, url, error.code().message()));
  }
  connection_->socket.set_option(asio::ip::tcp::no_delay(true));
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::send(std::string_view method, std::string_view target, std::string_view json,
                            const Headers& headers) {
  http::request<http::string_body> request;
  request.method_string({method.data(), method.size()});
  request.target({target.data(), target.size()});
  request.version(11);
  request.set(http::field::host, connection_->host);
  for (const auto& [name, value] : headers) request.set(name, value);
  if (!json.empty()) request.set(http::field::content_type, "application/json");
  request.body() = json;
  request.prepare_payload();
  http::response<http::string_body> answer;
  try {
    http::write(connection_->socket, request);
    http::read(connection_->socket, connection_->buffer, answer);
  } catch (const boost::system::system_error&) {
    throw std::runtime_error(
        fmt::format("the service at {}:{} went away", connection_->host, connection_->port));
  }
  return {answer.result_int(), std::move(answer.body())};
}

}  // namespace boxoffice::app
