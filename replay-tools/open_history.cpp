#include "replay-tools/open_history.hpp"

#include <simdjson.h>

#include <utility>

#include "event-log/embedded/checkpoint.hpp"
#include "event-log/embedded/embedded_log.hpp"
#include "events-schema/json_writer.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::replay {
namespace {

namespace fs = std::filesystem;

std::expected<fs::path, std::string> asked_for_checkpoint(const fs::path& directory,
                                                          const std::string& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view name;
  if (parser.parse(simdjson::padded_string(answer)).get(json) != simdjson::SUCCESS ||
      json["name"].get(name) != simdjson::SUCCESS || name.empty() ||
      fs::path(name).filename() != name)
    return std::unexpected("the holder of " + directory.string() + " names no checkpoint");
  return directory / kCheckpoints / name;
}

std::expected<OpenHistory, std::string> at_rest(const fs::path& directory) {
  std::optional<event_log::TornEnd> torn_end;
  const fs::path lock = directory / "LOCK";
  const bool has_lock = fs::exists(lock);
  auto log = event_log::open_embedded_for_reading(
      directory, [&](const event_log::TornEnd& torn) { torn_end = torn; });
  if (!log) return std::unexpected(std::move(log).error().message);
  return OpenHistory(std::move(*log), {}, std::move(torn_end), has_lock ? fs::path() : lock);
}

}  // namespace

OpenHistory::OpenHistory(OpenHistory&& other) noexcept
    : checkpoint_(std::exchange(other.checkpoint_, {})),
      missing_lock_(std::move(other.missing_lock_)),
      log_(std::move(other.log_)),
      torn_end_(std::move(other.torn_end_)) {}

OpenHistory::~OpenHistory() {
  log_.reset();
  std::error_code ignored;  // what stays behind goes when its holder starts again
  if (!checkpoint_.empty()) fs::remove_all(checkpoint_, ignored);
}

std::expected<OpenHistory, std::string> open_history(const fs::path& directory) {
  const auto answer = control::request(directory, "checkpoint");
  if (!answer && answer.error().kind != control::ErrorKind::nobody)
    return std::unexpected(answer.error().message);
  if (!answer) return at_rest(directory);
  const auto checkpoint = asked_for_checkpoint(directory, *answer);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  auto log = event_log::open_embedded_for_reading(*checkpoint);
  OpenHistory history(log ? std::move(*log) : nullptr, *checkpoint, {});
  if (!log) return std::unexpected(std::move(log).error().message);
  return history;
}

control::Handler checkpoint_handler(fs::path directory) {
  std::error_code ignored;
  fs::remove_all(directory / kCheckpoints, ignored);
  return [directory =
              std::move(directory)](std::string_view) -> std::expected<std::string, std::string> {
    const std::string name = sealing::random_text();
    const fs::path checkpoint = directory / kCheckpoints / name;
    if (auto made = event_log::make_checkpoint(directory, checkpoint); !made) {
      std::error_code ignored;
      fs::remove_all(checkpoint, ignored);
      return std::unexpected(std::move(made).error().message);
    }
    std::string answer;
    schema::JsonWriter(answer).begin_object().member("name", name).end_object();
    return answer;
  };
}

}  // namespace boxoffice::replay
