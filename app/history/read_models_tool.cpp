#include "app/history/read_models_tool.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "event-log/embedded/embedded_log.hpp"
#include "events-schema/json_writer.hpp"

namespace boxoffice::app {
namespace {

using enum SettingKind;
using projections::ReadModels;

constexpr std::array kSettings{
    SettingRow{"data", path, "./data", "the data directory"},
    SettingRow{"model", text, "", "one read model; without it all"},
    SettingRow{"swap", on_off, "off", "rebuild: let what was made take the place of the live one"},
};

/// What is asked: rebuild or diff, of which model, swapping or not.
struct Wish {
  std::string model;  ///< empty: all
  bool swap = false;
};

struct Told {
  std::string lines;
  bool same = true;
};
using Telling = std::expected<Told, std::string>;

std::expected<std::vector<std::string>, std::string> wanted(const ReadModels& models,
                                                            const Wish& wish) {
  std::vector<std::string> names = models.models();
  if (wish.model.empty()) return names;
  if (std::ranges::find(names, wish.model) == names.end())
    return std::unexpected(
        fmt::format("model: there is no '{}', but {}", wish.model, fmt::join(names, ", ")));
  return std::vector{wish.model};
}

Telling rebuild(ReadModels& models, const Wish& wish) {
  const auto names = wanted(models, wish);
  if (!names) return std::unexpected(names.error());
  Told told;
  for (const std::string& name : *names) {
    const auto report = models.rebuild(name, wish.swap);
    if (!report) return std::unexpected(report.error().message);
    told.lines += fmt::format("{} version {}: {} rows, sha256 {}{}\n", report->model,
                              report->version, report->census.rows, to_text(report->census.hash),
                              report->swapped ? ", swapped in" : "");
  }
  return told;
}

Telling diff(ReadModels& models, const Wish& wish) {
  const auto names = wanted(models, wish);
  if (!names) return std::unexpected(names.error());
  Told told;
  for (const std::string& name : *names) {
    const auto report = models.diff(name);
    if (!report) return std::unexpected(report.error().message);
    told.same = told.same && report->same();
    told.lines +=
        report->same()
            ? fmt::format("{} version {}: {} rows, the same\n", name, report->version,
                          report->live.rows)
            : fmt::format("{} version {}: {} rows live, {} rebuilt, {} differ, such as {}\n", name,
                          report->version, report->live.rows, report->rebuilt.rows,
                          report->differing_rows, fmt::join(report->first_differing, " "));
  }
  return told;
}

Telling tell(ReadModels& models, std::string_view what, const Wish& wish) {
  return what == "diff" ? diff(models, wish) : rebuild(models, wish);
}

std::string to_json(const Wish& wish) {
  std::string json;
  schema::JsonWriter(json)
      .begin_object()
      .member("model", wish.model)
      .member("swap", wish.swap)
      .end_object();
  return json;
}

std::expected<Wish, std::string> wish_from(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  std::string_view model;
  Wish wish;
  if (parser.parse(simdjson::padded_string(json)).get(element) || element["model"].get(model) ||
      element["swap"].get(wish.swap))
    return std::unexpected("not a wish for a read model");
  wish.model = model;
  return wish;
}

std::expected<std::string, std::string> as_answer(const Telling& telling) {
  if (!telling) return std::unexpected(telling.error());
  std::string json;
  schema::JsonWriter(json)
      .begin_object()
      .member("lines", telling->lines)
      .member("same", telling->same)
      .end_object();
  return json;
}

Telling from_answer(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  std::string_view lines;
  Told told;
  if (parser.parse(simdjson::padded_string(json)).get(element) || element["lines"].get(lines) ||
      element["same"].get(told.same))
    return std::unexpected("the service answered what this program does not understand");
  told.lines = lines;
  return told;
}

/// Asks the holder of the directory; without one, reads it here.
Telling ask(const Settings& settings, std::string_view what, const Wish& wish) {
  const auto answer =
      control::request(settings.path("data"), what, to_json(wish), std::chrono::hours(24));
  if (answer) return from_answer(*answer);
  if (answer.error().kind != control::ErrorKind::nobody)
    return std::unexpected(answer.error().message);
  auto log = event_log::open_embedded({.directory = settings.path("data")});
  if (!log) return std::unexpected(log.error().message);
  auto models = ReadModels::open(settings.path("data") / "projections", **log);
  if (!models) return std::unexpected(models.error().message);
  if (auto applied = (*models)->apply_all(); !applied)
    return std::unexpected(applied.error().message);
  return tell(**models, what, wish);
}

/// MODEL may be given without its flag, `--swap` without its value.
std::vector<std::string> as_flags(std::span<const std::string> arguments) {
  std::vector<std::string> flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_value = i > 0 && arguments[i - 1].starts_with("--") &&
                          arguments[i - 1] != "--swap" &&
                          arguments[i - 1].find('=') == std::string::npos;
    if (arguments[i] == "--swap") {
      flags.push_back("--swap=on");
    } else if (!arguments[i].starts_with("--") && !is_value) {
      flags.push_back("--model=" + arguments[i]);
    } else {
      flags.push_back(arguments[i]);
    }
  }
  return flags;
}

}  // namespace

bool is_read_models_command(std::span<const std::string> arguments) {
  return !arguments.empty() && (arguments[0] == "rebuild" || arguments[0] == "diff");
}

int run_read_models(std::span<const std::string> arguments) {
  if (std::ranges::find(arguments, "--help") != arguments.end()) {
    fmt::print(
        "boxoffice replay rebuild [MODEL] [--swap]   makes read models again from the log\n"
        "boxoffice replay diff [MODEL]               makes them again and compares\n{}",
        described(kSettings));
    return 0;
  }
  const std::string& what = arguments[0];
  const Settings settings(kSettings, as_flags(arguments.subspan(1)));
  const Wish wish{.model = settings.optional_text("model").value_or(""),
                  .swap = settings.on("swap")};
  const Telling telling = ask(settings, what, wish);
  if (!telling) {
    fmt::print(stderr, "boxoffice replay: {}\n", telling.error());
    return 2;
  }
  fmt::print("{}", telling->lines);
  return telling->same ? 0 : 1;
}

std::map<std::string, control::Handler, std::less<>> read_models_handlers(ReadModels& models) {
  std::map<std::string, control::Handler, std::less<>> handlers;
  for (const std::string_view what : {"rebuild", "diff"})
    handlers.emplace(
        what, [&models, what](std::string_view with) -> std::expected<std::string, std::string> {
          const auto wish = wish_from(with);
          if (!wish) return std::unexpected(wish.error());
          return as_answer(tell(models, what, *wish));
        });
  return handlers;
}

}  // namespace boxoffice::app
