#pragma once

#include <map>
#include <span>
#include <string>

#include "app/serve/engine.hpp"
#include "replay-tools/control/control.hpp"

namespace boxoffice::app {

/// `boxoffice replay rebuild [MODEL] [--swap on]` and `diff [MODEL]`: the read models made again
/// from the log beside the live ones. One line a model, with its rows and their hash. Works on a
/// directory in use (its holder does it) and at rest. Exit code 1: a read model differs from
/// history.
bool is_read_models_command(std::span<const std::string> arguments);
int run_read_models(std::span<const std::string> arguments);

/// The other half, for a service.
std::map<std::string, control::Handler, std::less<>> read_models_handlers(
    projections::ReadModels& models);

}  // namespace boxoffice::app
