#pragma once

#include <iosfwd>
#include <string>

#include "projections/read_models.hpp"
#include "replay-tools/commands.hpp"
#include "replay-tools/control/control.hpp"

namespace boxoffice::app {

/// `boxoffice replay rebuild [MODEL] [--swap]` and `diff [MODEL]`: the read models made again from
/// the log beside the live ones. One line a model, with its rows and their hash. Works on a
/// directory in use (its holder does it) and at rest, whose log is only read. Exit code 1: a read
/// model differs from history.
int run_read_models(std::string_view what, const replay::ReadModelsWish& wish, std::ostream& out,
                    std::ostream& error);

/// The other half, for a service.
control::LongHandlers read_models_handlers(projections::ReadModels& models);

}  // namespace boxoffice::app
