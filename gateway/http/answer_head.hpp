#pragma once

#include <string>
#include <string_view>

/// Internal to http/: the head of an answer, put together without a formatter.
namespace boxoffice::gateway::http {

struct AnswerHead {
  int status = 0;
  std::string_view date;
  std::string_view content_type;  ///< empty: left out
  std::size_t body_bytes = 0;     ///< of the body, also where it is withheld
  std::string_view headers;       ///< further ones, whole lines
  bool keep_alive = true;
  bool tells_keep_alive = false;  ///< to HTTP/1.0, where a connection is closed unless it is said
};

void append_head(std::string& out, const AnswerHead& head);

}  // namespace boxoffice::gateway::http
