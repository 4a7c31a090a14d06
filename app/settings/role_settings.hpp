#pragma once

#include <span>

#include "app/settings/settings.hpp"

/// The settings of the roles that `serve` has all in one process: of the same table, those that
/// concern the role.
namespace boxoffice::app {

std::span<const SettingRow> processor_settings();
std::span<const SettingRow> gateway_role_settings();

}  // namespace boxoffice::app
