#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "app/settings/settings.hpp"
#include "projections/transport/remote_desk.hpp"

namespace boxoffice::app {

/// `HOST:PORT`, several by commas. Throws WrongSetting, which names `projectors`.
std::vector<projections::transport::ProjectorName> projector_names(std::string_view text);

/// Asks the projectors that the setting `projectors` names, which must have that deployment's read
/// models. Throws WrongSetting.
std::unique_ptr<projections::transport::RemoteDesk> remote_desk(const Settings& settings,
                                                                std::string_view deployment);

}  // namespace boxoffice::app
