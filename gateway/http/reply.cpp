#include "gateway/http/reply.hpp"

#include "gateway/http/connection.hpp"

namespace boxoffice::gateway::http {

Reply::Reply(std::weak_ptr<Connection> connection, std::uint64_t exchange,
             std::shared_ptr<Home> home)
    : connection_(std::move(connection)), exchange_(exchange), home_(std::move(home)) {}

void Reply::add_header(std::string_view name, std::string_view value) {
  if (const auto connection = connection_.lock()) connection->add_header(exchange_, name, value);
}

void Reply::set_header(std::string_view name, std::string_view value) {
  if (const auto connection = connection_.lock()) connection->set_header(exchange_, name, value);
}

void Reply::send(int status, std::string_view content_type, std::string_view body) {
  if (const auto connection = connection_.lock()) {
    connection->send(exchange_, status, content_type, body);
  }
}

void Reply::label(std::size_t route) {
  if (const auto connection = connection_.lock()) connection->label(exchange_, route);
}

void Reply::wait(std::shared_ptr<Waiting> waiting, std::chrono::steady_clock::time_point deadline) {
  if (const auto connection = connection_.lock()) {
    connection->wait(exchange_, std::move(waiting), deadline);
  }
}

}  // namespace boxoffice::gateway::http
