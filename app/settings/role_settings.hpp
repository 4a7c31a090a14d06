#pragma once

#include <span>

#include "app/settings/settings.hpp"

/// The settings of the roles that `serve` has all in one process: of the same table, those that
/// concern the role, and a few of their own.
namespace boxoffice::app {

std::span<const SettingRow> processor_settings();
std::span<const SettingRow> gateway_role_settings();
std::span<const SettingRow> projector_settings();

/// What may stand in the file and the environment of a machine, whichever of its commands reads
/// them: the settings of `serve` and of each role.
std::span<const SettingRow> settings_of_all_roles();

}  // namespace boxoffice::app
