#pragma once

#include "app/settings/settings.hpp"

/// Commands that have commands below them: `boxoffice demo load`.
namespace boxoffice::app {

struct Subcommand {
  std::string_view name;
  std::string_view does;  ///< in a line of help
  std::span<const SettingRow> settings;
  int (*run)(const Settings& settings);  ///< the exit code
};

/// Whether `--help` or `-h` is among the arguments.
bool asks_for_help(std::span<const std::string> arguments);

/// Runs the one that the first argument names, or says what it is for and what can be set, where
/// that is asked; without one of them, the same of all. `command` is what they stand below. Throws
/// WrongSetting.
int run_subcommand(std::string_view command, std::span<const Subcommand> all,
                   std::span<const std::string> arguments);

}  // namespace boxoffice::app
