#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

/// A small blocking client that sends exactly what it is told to.
namespace boxoffice::gateway_test {

struct Answer {
  int status = 0;                              ///< 0: the connection ended before an answer
  std::map<std::string, std::string> headers;  ///< names in lower case; of one sent twice both
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
  /// The member `name` of a problem document; the whole body where there is none.
  std::string problem() const;
  /// The text of a member on whatever level; empty where there is none.
  std::string member(std::string_view name) const;
};

class Connection {
 public:
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes);
  /// No more comes from this side.
  void finish_sending();
  /// Reads one answer; to HEAD, one without its body.
  Answer read(bool to_head = false);
  /// Whether the server has closed: waits for that, at most 10 s.
  bool ended();

 private:
  bool fill();
  int socket_;
  std::string received_;
};

struct Asked {
  std::string method = "GET";
  std::string path = "/";
  std::string key;   ///< bearer; empty: nobody
  std::string body;  ///< JSON where not empty
  std::map<std::string, std::string> headers;
};
std::string text_of(const Asked& asked);

/// One request on a connection of its own.
Answer ask(std::uint16_t port, const Asked& asked);

}  // namespace boxoffice::gateway_test
