#pragma once

#include <span>

#include "app/settings/settings.hpp"

namespace boxoffice::app {

/// All settings of `boxoffice serve`; docs/settings.md shows the same table.
std::span<const SettingRow> serve_settings();

}  // namespace boxoffice::app
