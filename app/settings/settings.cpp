#include "app/settings/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

extern char** environ;

namespace boxoffice::app {
namespace {

constexpr std::string_view kPrefix = "BOXOFFICE_";
constexpr std::string_view kDefault = "default";
constexpr std::string_view kDefaultFile = "boxoffice.toml";

std::string environment_name(std::string_view name) {
  std::string upper(kPrefix);
  for (char c : name)
    upper += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

std::string allowed(const SettingRow& row) {
  switch (row.kind) {
    case SettingKind::text:
      return "text";
    case SettingKind::path:
      return "a path";
    case SettingKind::number:
    case SettingKind::duration: {
      std::string_view unit = row.kind == SettingKind::duration ? " of milliseconds" : "";
      if (row.most == INT64_MAX)
        return fmt::format("a whole number{}, {} or more", unit, row.least);
      return fmt::format("a whole number{} from {} to {}", unit, row.least, row.most);
    }
    case SettingKind::on_off:
      return "on or off";
    case SettingKind::endpoint:
      return "HOST:PORT, the port from 0 to 65535";
    case SettingKind::one_of:
      return fmt::format("one of {}", row.choices);
  }
  return {};
}

[[noreturn]] void refuse(const SettingRow& row, std::string_view given, std::string_view origin) {
  throw WrongSetting(fmt::format("setting {} ({}): must be {}, not '{}'", row.name, origin,
                                 allowed(row), row.secret ? "…" : given));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_one_of(std::string_view choices, std::string_view text) {
  for (std::size_t start = 0; start <= choices.size();) {
    const auto end = std::min(choices.find('|', start), choices.size());
    if (choices.substr(start, end - start) == text) return true;
    start = end + 1;
  }
  return false;
}

bool fits(const SettingRow& row, std::string_view text) {
  switch (row.kind) {
    case SettingKind::text:
      return true;
    case SettingKind::path:
      return !text.empty();
    case SettingKind::number:
    case SettingKind::duration: {
      const auto number = whole_number(text);
      return number && *number >= row.least && *number <= row.most;
    }
    case SettingKind::on_off:
      return text == "on" || text == "off";
    case SettingKind::endpoint:
      return endpoint_from(text).has_value();
    case SettingKind::one_of:
      return is_one_of(row.choices, text);
  }
  return false;
}

const SettingRow* find(std::span<const SettingRow> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &SettingRow::name);
  return found == rows.end() ? nullptr : &*found;
}

/// The text of a value in the file, as a flag would have it; nullopt for tables, arrays and the
/// like.
std::optional<std::string> text_of(const toml::node& node) {
  if (auto text = node.value_exact<std::string>()) return *text;
  if (auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (auto flag = node.value_exact<bool>()) return *flag ? "on" : "off";
  return std::nullopt;
}

}  // namespace

std::optional<Endpoint> endpoint_from(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = whole_number(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  return Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

Settings::Settings(std::span<const SettingRow> rows, std::span<const std::string> arguments,
                   std::span<const SettingRow> others)
    : rows_(rows) {
  read_flags(arguments);
  read_environment(others);
  if (file_) {
    read_file(*file_, others);
  } else if (std::filesystem::exists(kDefaultFile)) {
    read_file(kDefaultFile, others);
  }
  for (const SettingRow& each : rows_)
    if (!each.preset.empty()) set(each, std::string(each.preset), kDefault);
}

const SettingRow* Settings::row(std::string_view name) const { return find(rows_, name); }

/// The first to set a value wins: sources are read in the order of their rank. A wrong one is
/// refused also where it would not have counted: it would on the day that the other is taken away.
void Settings::set(const SettingRow& row, std::string text, std::string_view origin) {
  if (!fits(row, text)) refuse(row, text, origin);
  values_.emplace(row.name, Value{std::move(text), origin});
}

void Settings::read_flags(std::span<const std::string> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (!argument.starts_with("--"))
      throw WrongSetting(
          fmt::format("'{}' is not a flag; settings are given as --name value", argument));
    argument.remove_prefix(2);
    const auto equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const SettingRow* found = row(name);
    if (!found && name != "config")
      throw WrongSetting(fmt::format("there is no setting --{}; --help lists them", name));
    if (equals == std::string_view::npos && i + 1 == arguments.size())
      throw WrongSetting(fmt::format("--{} needs a value", name));
    std::string text(equals == std::string_view::npos ? std::string_view(arguments[++i])
                                                      : argument.substr(equals + 1));
    if (!found) {
      file_ = text;
    } else {
      if (values_.contains(name)) throw WrongSetting(fmt::format("--{} is given twice", name));
      set(*found, std::move(text), "flag");
    }
  }
}

void Settings::read_environment(std::span<const SettingRow> others) {
  for (const SettingRow& each : rows_)
    if (const char* text = std::getenv(environment_name(each.name).c_str()); text && *text)
      set(each, text, "environment");
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view name(*variable, std::strcspn(*variable, "="));
    if (!name.starts_with(kPrefix)) continue;
    const auto is_it = [&](const SettingRow& each) { return environment_name(each.name) == name; };
    if (std::ranges::none_of(rows_, is_it) && std::ranges::none_of(others, is_it))
      warnings_.push_back(fmt::format("the environment variable {} is no setting", name));
  }
}

void Settings::read_file(const std::filesystem::path& file, std::span<const SettingRow> others) {
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    throw WrongSetting(fmt::format("setting config: {}: {} (line {})", file.string(),
                                   error.description(), error.source().begin.line));
  }
  for (const auto& [key, node] : table) {
    const SettingRow* found = row(key.str());
    if (!found && find(others, key.str())) continue;
    if (!found)
      throw WrongSetting(fmt::format("{}: there is no setting '{}'", file.string(), key.str()));
    const auto text = text_of(node);
    if (!text)
      throw WrongSetting(
          fmt::format("{}: {} must be {}", file.string(), key.str(), allowed(*found)));
    set(*found, *text, "file");
  }
}

bool Settings::given(std::string_view name) const { return values_.contains(name); }

const Settings::Value& Settings::value(std::string_view name) const {
  auto found = values_.find(name);
  if (found == values_.end()) {
    assert(row(name) && "a setting that is in no table");
    throw WrongSetting(
        fmt::format("setting {} is needed: --{} or {}", name, name, environment_name(name)));
  }
  return found->second;
}

std::string Settings::text(std::string_view name) const { return value(name).text; }
std::optional<std::string> Settings::optional_text(std::string_view name) const {
  if (!given(name)) return std::nullopt;
  return text(name);
}
std::filesystem::path Settings::path(std::string_view name) const { return value(name).text; }
std::int64_t Settings::number(std::string_view name) const {
  return *whole_number(value(name).text);
}
std::optional<std::int64_t> Settings::optional_number(std::string_view name) const {
  if (!given(name)) return std::nullopt;
  return number(name);
}
std::chrono::milliseconds Settings::duration(std::string_view name) const {
  return std::chrono::milliseconds(number(name));
}
bool Settings::on(std::string_view name) const { return value(name).text == "on"; }
bool Settings::is_default(std::string_view name) const {
  return !given(name) || value(name).origin == kDefault;
}
Endpoint Settings::endpoint(std::string_view name) const {
  return *endpoint_from(value(name).text);
}

std::vector<std::string> Settings::printed() const {
  std::vector<std::string> lines;
  for (const SettingRow& each : rows_)
    if (auto found = values_.find(each.name); found != values_.end())
      lines.push_back(fmt::format("{} = {} ({})", each.name, each.secret ? "…" : found->second.text,
                                  found->second.origin));
  return lines;
}

std::string described(std::span<const SettingRow> rows) {
  std::string text;
  for (const SettingRow& row : rows) {
    const bool is_choice = row.kind == SettingKind::on_off || row.kind == SettingKind::one_of;
    text += fmt::format("  --{:<28} {}{}{}\n", row.name, row.meaning,
                        is_choice ? ": " + allowed(row) : "",
                        row.preset.empty() ? "" : fmt::format(" [{}]", row.preset));
  }
  text += fmt::format("  --{:<28} a file with settings, a line each: name = value [{}]\n", "config",
                      kDefaultFile);
  return text;
}

}  // namespace boxoffice::app
