#pragma once

#include "app/settings/settings.hpp"
#include "gateway/gateway.hpp"

namespace boxoffice::app {

/// Throws WrongSetting.
gateway::Settings gateway_settings(const Settings& settings);

}  // namespace boxoffice::app
