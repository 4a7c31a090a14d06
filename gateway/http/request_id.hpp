#pragma once

#include <span>
#include <string>

#include "gateway/http/message.hpp"

namespace boxoffice::gateway::http {

/// What a request is called in its answer, in logs and on events: its `X-Request-Id` where that is
/// up to 64 URL-safe characters; else a new one.
std::string request_id_of(std::span<const Header> headers);

}  // namespace boxoffice::gateway::http
