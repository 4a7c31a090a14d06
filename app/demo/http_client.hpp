#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boxoffice::app {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// A blocking HTTP/1.1 client that keeps one connection. Throws std::system_error when the server
/// can't be reached. One thread.
class HttpClient {
 public:
  /// `url`: http://HOST:PORT, nothing behind.
  explicit HttpClient(std::string_view url);
  ~HttpClient();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  HttpAnswer send(std::string_view method, std::string_view target, std::string_view json,
                  const Headers& headers = {});

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace boxoffice::app
