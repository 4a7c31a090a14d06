#pragma once

#include <memory>
#include <vector>

#include "app/serve/opened_log.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::app {

struct OpenedVault {
  std::unique_ptr<sealing::Vault> vault;
  /// What is to be written to a log that does not say yet with which roots it was made.
  std::vector<event_log::KeyRecord> to_log;
};

/// The vault on the roots that the settings or the data directory have. A log elsewhere outlives
/// directories, and other machines go on with it: it says with which roots it was made, and is
/// opened with no others. Throws as Engine does.
OpenedVault open_vault(const Settings& settings, const OpenedLog& opened);

/// The vault on the roots that the log says it was made with, for who does not write to it. The
/// error is `unavailable` also where it does not say yet, for nobody has decided anything. Throws
/// WrongSetting.
event_log::Result<std::unique_ptr<sealing::Vault>> open_vault_of(event_log::Log& log,
                                                                 const Settings& settings);

}  // namespace boxoffice::app
