#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Settings: each has a flag (`--command-deadline-ms`), an environment variable
/// (`BOXOFFICE_COMMAND_DEADLINE_MS`) and a line in `boxoffice.toml` (`command-deadline-ms =
/// 10000`). Flags win over the environment, the environment over the file, the file over the
/// default.
namespace boxoffice::app {

/// A setting that no program can run with. The message names the setting, what was given (never a
/// secret) and what it may be.
class WrongSetting : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a setting may be; checked when it is read, wherever it came from.
enum class SettingKind {
  text,
  path,
  number,    ///< a whole number between `least` and `most`
  duration,  ///< a number of milliseconds; the name ends in -ms
  on_off,    ///< on or off
  endpoint,  ///< HOST:PORT
  one_of,    ///< one of `choices`, separated by `|`
};

struct SettingRow {
  std::string_view name;
  SettingKind kind;
  std::string_view preset;  ///< empty: no default
  std::string_view meaning;
  std::int64_t least = 0;
  std::int64_t most = INT64_MAX;
  std::string_view choices = {};
  bool secret = false;
};

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// HOST:PORT, an IPv6 address in brackets; nullopt: it is something else.
std::optional<Endpoint> endpoint_from(std::string_view text);

class Settings {
 public:
  /// Reads flags (`--name value`, `--name=value`), environment and file; throws WrongSetting.
  /// `--config PATH` names the file; otherwise boxoffice.toml is read where it exists.
  ///
  /// One file and one environment are there for all commands: `others` are settings of other
  /// commands, which may stand in both and count for nothing here. They are no flags.
  Settings(std::span<const SettingRow> rows, std::span<const std::string> arguments,
           std::span<const SettingRow> others = {});

  bool given(std::string_view name) const;
  /// Whether nobody but the table said what it is.
  bool is_default(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::optional<std::string> optional_text(std::string_view name) const;
  std::filesystem::path path(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  std::optional<std::int64_t> optional_number(std::string_view name) const;
  std::chrono::milliseconds duration(std::string_view name) const;
  bool on(std::string_view name) const;
  Endpoint endpoint(std::string_view name) const;

  /// What these are settings of, and the file that a flag named: for reading others from the same.
  std::span<const SettingRow> rows() const { return rows_; }
  const std::optional<std::filesystem::path>& file() const { return file_; }

  /// One line a setting, `name = value (where from)`, secrets masked.
  std::vector<std::string> printed() const;
  /// Environment variables and the like that look like settings and are none.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Value {
    std::string text;
    std::string_view origin;  ///< flag, environment, file, default
  };
  const SettingRow* row(std::string_view name) const;
  void set(const SettingRow& row, std::string text, std::string_view origin);
  void read_flags(std::span<const std::string> arguments);
  void read_environment(std::span<const SettingRow> others);
  void read_file(const std::filesystem::path& file, std::span<const SettingRow> others);
  const Value& value(std::string_view name) const;

  std::span<const SettingRow> rows_;
  std::map<std::string, Value, std::less<>> values_;
  std::optional<std::filesystem::path> file_;
  std::vector<std::string> warnings_;
};

/// The lines of `--help` for these settings.
std::string described(std::span<const SettingRow> rows);

}  // namespace boxoffice::app
