#include "app/history/read_models_tool.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <vector>

#include "app/serve/opened_log.hpp"
#include "event-log/embedded/embedded_log.hpp"
#include "events-schema/json_writer.hpp"

namespace boxoffice::app {
namespace {

using projections::ReadModels;
using Wish = replay::ReadModelsWish;

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

/// Told where a service ends in the midst of it.
constexpr char kStopped[] = "the service is stopping; what was made is dropped";

Telling rebuild(ReadModels& models, const Wish& wish, const std::stop_token& stop) {
  const auto names = wanted(models, wish);
  if (!names) return std::unexpected(names.error());
  Told told;
  for (const std::string& name : *names) {
    if (stop.stop_requested()) return std::unexpected(kStopped);
    const auto report = models.rebuild(name, wish.swap, stop);
    if (!report) return std::unexpected(report.error().message);
    told.lines += fmt::format("{} version {}: {} rows, sha256 {}{}\n", report->model,
                              report->version, report->census.rows, to_text(report->census.hash),
                              report->swapped ? ", swapped in" : "");
  }
  return told;
}

Telling diff(ReadModels& models, const Wish& wish, const std::stop_token& stop) {
  const auto names = wanted(models, wish);
  if (!names) return std::unexpected(names.error());
  Told told;
  for (const std::string& name : *names) {
    if (stop.stop_requested()) return std::unexpected(kStopped);
    const auto report = models.diff(name, stop);
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

Telling tell(ReadModels& models, std::string_view what, const Wish& wish,
             const std::stop_token& stop) {
  return what == "diff" ? diff(models, wish, stop) : rebuild(models, wish, stop);
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

using OpenedToRead = std::expected<std::unique_ptr<event_log::Log>, std::string>;

OpenedToRead in_directory(const std::filesystem::path& directory) {
  auto log = event_log::open_embedded_for_reading(directory);
  if (!log) return std::unexpected(log.error().message);
  return std::move(*log);
}

/// Holds the directory as long as `held` is there.
OpenedToRead on_kafka(const Wish& wish, std::unique_ptr<LocalDirectory>& held) {
  if (!belongs_to_log_elsewhere(wish.directory))
    return std::unexpected(wish.directory + " holds no read models of a log on Kafka");
  auto log = open_kafka_for_reading(*wish.kafka);
  if (!log) return log;
  try {
    held = std::make_unique<LocalDirectory>(wish.directory, (*log)->deployment());
  } catch (const std::runtime_error& refused) {
    return std::unexpected(refused.what());
  }
  return log;
}

/// Asks the holder of the directory; without one, reads it here.
Telling ask(std::string_view what, const Wish& wish) {
  const std::filesystem::path directory = wish.directory;
  const auto answer = control::request(directory, what, to_json(wish), std::chrono::hours(24));
  if (answer) return from_answer(*answer);
  if (answer.error().kind != control::ErrorKind::nobody)
    return std::unexpected(answer.error().message);
  std::unique_ptr<LocalDirectory> held;
  auto log = wish.kafka ? on_kafka(wish, held) : in_directory(directory);
  if (!log) return std::unexpected(log.error());
  auto models = ReadModels::open(directory / "projections", **log);
  if (!models) return std::unexpected(models.error().message);
  if (auto applied = (*models)->apply_all(); !applied)
    return std::unexpected(applied.error().message);
  return tell(**models, what, wish, {});
}

}  // namespace

int run_read_models(std::string_view what, const Wish& wish, std::ostream& out,
                    std::ostream& error) {
  const Telling telling = ask(what, wish);
  if (!telling) {
    error << "boxoffice replay: " << telling.error() << std::endl;
    return 2;
  }
  out << telling->lines << std::flush;
  return telling->same ? 0 : 1;
}

control::LongHandlers read_models_handlers(ReadModels& models) {
  control::LongHandlers handlers;
  for (const std::string_view what : {"rebuild", "diff"})
    handlers.emplace(
        what,
        [&models, what](std::string_view with,
                        const std::stop_token& stop) -> std::expected<std::string, std::string> {
          const auto wish = wish_from(with);
          if (!wish) return std::unexpected(wish.error());
          return as_answer(tell(models, what, *wish, stop));
        });
  return handlers;
}

}  // namespace boxoffice::app
