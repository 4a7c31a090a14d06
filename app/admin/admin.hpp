#pragma once

#include <map>
#include <span>
#include <string>

#include "app/serve/engine.hpp"
#include "replay-tools/control/control.hpp"

namespace boxoffice::app {

/// `boxoffice admin administrator|key|remove-key`: keys made on the console. Asks the process that
/// holds the directory, and opens the directory itself where none does. Returns the exit code.
int run_admin(std::span<const std::string> arguments);

/// The other half, for a service: what it does when asked over its control socket.
std::map<std::string, control::Handler, std::less<>> key_handlers(Engine& engine);

}  // namespace boxoffice::app
