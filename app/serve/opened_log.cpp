#include "app/serve/opened_log.hpp"

#include <stdexcept>

#include "app/serve/log_lines.hpp"
#include "app/serve/tenure.hpp"
#include "app/settings/kafka_settings.hpp"
#include "app/settings/role_settings.hpp"
#include "app/settings/serve_settings.hpp"
#include "event-log/copy_mark.hpp"
#include "event-log/embedded/embedded_log.hpp"
#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

/// In an outage an attempt lasts that long, and so may the end of the service.
constexpr std::chrono::seconds kTakeOverTimeout{10};

OpenedLog open_embedded(const Settings& settings) {
  const std::filesystem::path directory = settings.path("data");
  require_no_log_elsewhere(directory);
  auto log = event_log::open_embedded(
      {.directory = directory,
       .partitions = static_cast<std::uint16_t>(settings.number("partitions")),
       .on_torn_end = [](const event_log::TornEnd& torn) {
         const std::string what = event_log::to_text(torn);
         journal::warning("log_end_cut_off", "cut off at the log's end: " + what)
             .with("what", what);
       }});
  if (!log && !std::filesystem::is_directory(directory))
    throw WrongSetting("setting data: " + log.error().message);
  if (!log) throw std::runtime_error(log.error().message);
  return {.directory = nullptr, .log = std::move(*log)};
}

/// Among what deleting `projections/` makes anew from the log. Nobody opens it before the directory
/// is ours.
std::string key_places_in(const std::filesystem::path& directory) {
  return directory / "projections" / "key-places";
}

/// For tools, which read the same file and environment as all commands of the machine.
Settings settings_of_serve(std::span<const std::string> flags) {
  return Settings(serve_settings(), flags, settings_of_all_roles());
}

/// Before anything is claimed: it is being copied into.
void require_whole(event_log::Log& log) {
  const auto mark = event_log::copy_mark(log);
  if (!mark) throw std::runtime_error(mark.error().message);
  if (*mark && (*mark)->state == event_log::CopyState::unfinished)
    throw std::runtime_error(
        "the log is an unfinished copy: stop the service of its source, and let `boxoffice log "
        "copy` finish it");
}

/// nullptr: it is not there yet, or cannot be reached.
std::unique_ptr<event_log::Log> open_to_read(event_log::KafkaSettings kafka, std::string& why) {
  kafka.on_log = LogLines();
  kafka.only_read = true;
  kafka.made_by_others = true;
  auto log = event_log::open_kafka(kafka);
  if (log) return std::move(*log);
  if (log.error().kind == event_log::LogErrorKind::wrong_format)
    throw WrongSetting(log.error().message);
  if (log.error().kind != event_log::LogErrorKind::unavailable)
    throw std::runtime_error(log.error().message);
  why = log.error().message;
  return nullptr;
}

}  // namespace

OpenedLog open_log_on_kafka(const Settings& settings) {
  const std::filesystem::path directory = settings.path("data");
  event_log::KafkaSettings kafka = kafka_settings(settings);
  require_no_embedded_log(directory);
  kafka.on_log = LogLines();
  kafka.take_over_timeout = kTakeOverTimeout;
  kafka.key_places = key_places_in(directory);
  auto log = event_log::open_kafka(kafka);
  if (!log && log.error().kind == event_log::LogErrorKind::wrong_format)
    throw WrongSetting(log.error().message);
  if (!log) throw std::runtime_error(log.error().message);
  require_whole(**log);
  return {.directory = std::make_unique<LocalDirectory>(directory, (*log)->deployment()),
          .log = std::move(*log)};
}

OpenedLog open_log(const Settings& settings) {
  if (is_on_kafka(settings)) return open_log_on_kafka(settings);
  OpenedLog opened = open_embedded(settings);
  require_whole(*opened.log);
  return opened;
}

event_log::KafkaSettings kafka_beside(const event_log::Log& log, const Settings& settings) {
  event_log::KafkaSettings kafka = kafka_settings(settings);
  kafka.partitions = log.partitions();
  kafka.on_log = LogLines();
  return kafka;
}

std::optional<OpenedLog> open_log_to_follow(const Settings& settings, std::string& why) {
  const std::filesystem::path directory = settings.path("data");
  require_no_embedded_log(directory);
  event_log::KafkaSettings kafka = kafka_connection(settings);
  kafka.follows_others = true;
  kafka.key_places = key_places_in(directory);
  auto log = open_to_read(std::move(kafka), why);
  if (!log) return std::nullopt;
  return OpenedLog{.directory = std::make_unique<LocalDirectory>(directory, log->deployment()),
                   .log = std::move(log)};
}

std::unique_ptr<event_log::Log> open_log_to_look_at(const Settings& settings,
                                                    std::chrono::milliseconds read_timeout,
                                                    std::string& why) {
  event_log::KafkaSettings kafka = kafka_connection(settings);
  kafka.read_timeout = read_timeout;
  return open_to_read(std::move(kafka), why);
}

std::expected<std::unique_ptr<event_log::Log>, std::string> open_kafka_for_reading(
    std::vector<std::string> flags) {
  flags.insert(flags.end(), {"--log", "kafka"});
  event_log::KafkaSettings kafka = kafka_settings(settings_of_serve(flags));
  kafka.only_read = true;
  auto log = event_log::open_kafka(kafka);
  if (!log) return std::unexpected(log.error().message);
  return std::move(*log);
}

std::expected<std::unique_ptr<event_log::Log>, std::string> open_kafka_for_copying(
    std::vector<std::string> flags, std::string_view deployment, std::uint16_t partitions) {
  flags.insert(flags.end(), {"--log", "kafka"});
  event_log::KafkaSettings kafka = kafka_settings(settings_of_serve(flags));
  kafka.partitions = partitions;
  kafka.deployment = deployment;
  auto log = event_log::open_kafka(kafka);
  if (!log) return std::unexpected(log.error().message);
  return std::move(*log);
}

std::expected<std::unique_ptr<event_log::Log>, std::string> open_directory_for_copying(
    const std::string& directory, std::string_view deployment, std::uint16_t partitions) {
  require_no_log_elsewhere(directory);
  auto log = event_log::open_embedded(
      {.directory = directory, .partitions = partitions, .deployment = std::string(deployment)});
  if (!log) return std::unexpected(log.error().message);
  return std::move(*log);
}

event_log::KeyRecord claim_for_copying() {
  return claim_of("`boxoffice log copy`, " + this_service());
}

}  // namespace boxoffice::app
