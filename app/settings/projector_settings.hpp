#pragma once

#include <span>

#include "app/settings/settings.hpp"

namespace boxoffice::app {

/// All settings of `boxoffice projector`; docs/settings.md shows them, too.
std::span<const SettingRow> projector_settings();

}  // namespace boxoffice::app
