#include "app/settings/subcommands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/settings/role_settings.hpp"

namespace boxoffice::app {
namespace {

std::string help_for(std::string_view command, const Subcommand& subcommand) {
  return fmt::format("boxoffice {} {}: {}\n{}", command, subcommand.name, subcommand.does,
                     described(subcommand.settings));
}

}  // namespace

bool asks_for_help(std::span<const std::string> arguments) {
  return std::ranges::any_of(arguments, [](const std::string& argument) {
    return argument == "--help" || argument == "-h";
  });
}

int run_subcommand(std::string_view command, std::span<const Subcommand> all,
                   std::span<const std::string> arguments) {
  const bool help = arguments.empty() || asks_for_help(arguments);
  const auto named =
      arguments.empty() ? all.end() : std::ranges::find(all, arguments.front(), &Subcommand::name);
  if (named != all.end()) {
    if (!help)
      return named->run(Settings(named->settings, arguments.subspan(1), settings_of_all_roles()));
    fmt::print("{}", help_for(command, *named));
    return 0;
  }
  std::string_view gap;
  for (const Subcommand& each : all) {
    fmt::print("{}{}", gap, help_for(command, each));
    gap = "\n";
  }
  return help ? 0 : 2;
}

}  // namespace boxoffice::app
