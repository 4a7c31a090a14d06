#include "app/serve/opened_vault.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "event-log/about.hpp"

namespace boxoffice::app {
namespace {

constexpr std::string_view kName = "roots";

std::optional<std::string> kept_on(event_log::Log& log) {
  auto kept = log.key(event_log::kAboutPartition, kName);
  if (!kept) throw std::runtime_error(kept.error().message);
  return std::move(*kept);
}

event_log::LogError not_yet() {
  return {event_log::LogErrorKind::unavailable,
          "the log does not say yet with which secrets it was made; the first processor does"};
}

/// Lest new ones are made for a log that has some.
void require_roots(const Settings& settings) {
  for (const auto& [name, file] : {std::pair{"master-key", "master.key"}, {"pepper", "pepper.key"}})
    if (!settings.given(name) && !std::filesystem::exists(settings.path("data") / file))
      throw WrongSetting(
          fmt::format("setting {}: is needed, for the log was made with one, and {} has no {}; "
                      "give that of the service that made it, or its file",
                      name, settings.path("data").string(), file));
}

void check(const std::expected<void, std::string>& checked) {
  if (!checked) throw WrongSetting(checked.error());
}

}  // namespace

OpenedVault open_vault(const Settings& settings, const OpenedLog& opened) {
  const auto kept = opened.is_elsewhere() ? kept_on(*opened.log) : std::nullopt;
  if (kept) require_roots(settings);
  const auto roots =
      sealing::load_roots(settings.path("data"), settings.optional_text("master-key"),
                          settings.optional_text("pepper"));
  if (!roots) throw WrongSetting(roots.error());
  if (kept) check(sealing::check_fingerprints(*kept, "the log", *roots));
  check(sealing::check_roots(settings.path("data"), *roots));
  OpenedVault vault{.vault = std::make_unique<sealing::Vault>(*roots), .to_log = {}};
  if (opened.is_elsewhere() && !kept)
    vault.to_log.push_back(
        {event_log::kAboutPartition, std::string(kName), sealing::fingerprints(*roots)});
  return vault;
}

event_log::Result<std::unique_ptr<sealing::Vault>> open_vault_of(event_log::Log& log,
                                                                 const Settings& settings) {
  const auto kept = log.key(event_log::kAboutPartition, kName);
  if (!kept) return std::unexpected(kept.error());
  if (!*kept) return std::unexpected(not_yet());
  require_roots(settings);
  const auto roots =
      sealing::load_roots(settings.path("data"), settings.optional_text("master-key"),
                          settings.optional_text("pepper"));
  if (!roots) throw WrongSetting(roots.error());
  check(sealing::check_fingerprints(**kept, "the log", *roots));
  return std::make_unique<sealing::Vault>(*roots);
}

}  // namespace boxoffice::app
