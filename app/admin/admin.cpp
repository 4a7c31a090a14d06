#include "app/admin/admin.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <vector>

#include "app/admin/key_desk.hpp"
#include "app/settings/role_settings.hpp"
#include "app/settings/serve_settings.hpp"
#include "app/settings/subcommands.hpp"
#include "event-log/embedded/embedded_log.hpp"

namespace boxoffice::app {
namespace {

using enum SettingKind;

constexpr SettingRow kData{"data", path, "./data", "the data directory"};
constexpr SettingRow kMasterKey{"master-key", text, "", "as for serve", 0, INT64_MAX, {}, true};
constexpr SettingRow kPepper{"pepper", text, "", "as for serve", 0, INT64_MAX, {}, true};
constexpr SettingRow kPrint{"print", one_of, "all", "what to print", 0, INT64_MAX, "all|key"};

constexpr std::array kAdministratorSettings{
    kData, kMasterKey, kPepper, kPrint,
    SettingRow{"name", text, "Administrator", "what the key is for; is not sealed"}};
constexpr std::array kKeySettings{
    kData,
    kMasterKey,
    kPepper,
    kPrint,
    SettingRow{"name", text, "", "what the key is for; is not sealed"},
    SettingRow{"role", one_of, "", "what it may", 0, INT64_MAX,
               "gate|supervisor|auditor|analyst|organizer|admin"},
    SettingRow{"occasion", text, "", "the only occasion it is good for"}};
constexpr std::array kRemoveSettings{kData, kMasterKey, kPepper,
                                     SettingRow{"id", text, "", "the key's id"}};

/// The settings of an engine that serves nobody: those that `serve` has, with the console's
/// directory and keys.
Settings engine_settings(const Settings& console) {
  std::vector<std::string> flags{"--data", console.text("data")};
  if (console.file()) flags.insert(flags.end(), {"--config", console.file()->string()});
  for (const std::string_view name : {"master-key", "pepper"})
    if (auto value = console.optional_text(name))
      flags.insert(flags.end(), {fmt::format("--{}", name), *value});
  const auto of_roles = settings_of_all_roles();
  std::vector<SettingRow> others(of_roles.begin(), of_roles.end());
  others.insert(others.end(), console.rows().begin(), console.rows().end());
  return Settings(serve_settings(), flags, others);
}

/// What a directory without a log is: a slip of the pen, or a new deployment.
enum class Directory { must_be_there, may_be_made };

/// Asks the holder of the directory; without one, becomes the holder for the time it takes.
std::expected<std::string, std::string> ask(const Settings& settings, std::string_view what,
                                            const std::string& with,
                                            Directory directory = Directory::must_be_there) {
  const auto answer = control::request(settings.path("data"), what, with);
  if (answer) return *answer;
  if (answer.error().kind != control::ErrorKind::nobody)
    return std::unexpected(answer.error().message);
  require_no_log_elsewhere(settings.path("data"));
  if (directory == Directory::must_be_there &&
      !event_log::holds_embedded_log(settings.path("data")))
    return std::unexpected(fmt::format("{} holds no log of Boxoffice", settings.text("data")));
  const Settings wanted = engine_settings(settings);
  // It would take the log from the service that has it.
  if (wanted.text("log") != "embedded")
    return std::unexpected(fmt::format("no service runs on {}, and the log is on Kafka: start it",
                                       settings.text("data")));
  Engine engine(wanted);
  auto handlers = key_handlers(engine);
  auto result = handlers.find(what)->second(with);
  engine.stop();
  return result;
}

int failed(std::string_view why) {
  fmt::print(stderr, "boxoffice admin: {}\n", why);
  return 1;
}

int make_key(const Settings& settings, const KeyWish& wish) {
  // A deployment may begin with its administrator, and with nobody else.
  const auto answer = ask(settings, "create-key", to_json(wish),
                          wish.first ? Directory::may_be_made : Directory::must_be_there);
  if (!answer) return failed(answer.error());
  const auto made = new_key_from(*answer);
  if (!made) return failed(made.error());
  if (settings.text("print") == "key") {
    fmt::print("{}\n", made->key);
  } else {
    fmt::print("id:  {}\nkey: {}\nThe key is shown this once.\n", made->id, made->key);
  }
  return 0;
}

int administrator(const Settings& settings) {
  return make_key(settings,
                  {.name = settings.text("name"), .role = schema::Role::admin, .first = true});
}

int key(const Settings& settings) {
  KeyWish wish{.name = settings.text("name"),
               .role = *schema::role_from_text(settings.text("role"))};
  if (auto occasion = settings.optional_text("occasion")) {
    wish.occasion = schema::id_from_text<schema::OccasionId>(*occasion);
    if (!wish.occasion) return failed(fmt::format("occasion: '{}' is no id", *occasion));
  }
  return make_key(settings, wish);
}

int remove_key(const Settings& settings) {
  const auto id = schema::id_from_text<schema::KeyId>(settings.text("id"));
  if (!id) return failed("id: not the id of a key");
  const auto answer = ask(settings, "delete-key", to_json(*id));
  if (!answer) return failed(answer.error());
  fmt::print("The key works no longer.\n");
  return 0;
}

}  // namespace

std::map<std::string, control::Handler, std::less<>> key_handlers(Engine& engine) {
  return {
      {"create-key",
       [&engine](std::string_view with) -> std::expected<std::string, std::string> {
         const auto wish = key_wish_from(with);
         if (!wish) return std::unexpected(wish.error());
         const auto made = KeyDesk(engine).create(*wish);
         if (!made) return std::unexpected(made.error());
         return to_json(*made);
       }},
      {"delete-key",
       [&engine](std::string_view with) -> std::expected<std::string, std::string> {
         const auto id = key_id_from(with);
         if (!id) return std::unexpected(id.error());
         if (const auto removed = KeyDesk(engine).remove(*id); !removed)
           return std::unexpected(removed.error());
         return "{}";
       }},
  };
}

int run_admin(std::span<const std::string> arguments) {
  constexpr std::array kSubcommands{
      Subcommand{"administrator", "makes the first key with the role admin", kAdministratorSettings,
                 administrator},
      Subcommand{"key", "makes a key", kKeySettings, key},
      Subcommand{"remove-key", "ends a key", kRemoveSettings, remove_key}};
  return run_subcommand("admin", kSubcommands, arguments);
}

}  // namespace boxoffice::app
