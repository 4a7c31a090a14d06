#include "app/settings/kafka_settings.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>

namespace boxoffice::app {
namespace {

constexpr std::array<std::string_view, 6> kOfKafka{"brokers",
                                                   "kafka-prefix",
                                                   "kafka-properties",
                                                   "kafka-replication-factor",
                                                   "kafka-min-insync-replicas",
                                                   "kafka-create-topics"};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

/// Prefixes become parts of topics' names.
void check_prefix(std::string_view prefix) {
  constexpr std::size_t kLengthMax = 200;
  const auto wrong =
      prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
  if (wrong != std::string_view::npos || prefix.size() > kLengthMax)
    throw WrongSetting(fmt::format(
        "setting kafka-prefix: must be up to {} letters, digits and any of . _ -, not '{}'",
        kLengthMax, prefix));
}

void take_properties(event_log::KafkaSettings& kafka, const std::filesystem::path& file) {
  kafka.properties = properties_from(file);
  if (const auto taken = event_log::check_properties(kafka); !taken)
    throw WrongSetting(
        fmt::format("setting kafka-properties: {}: {}", file.string(), taken.error()));
}

/// As librdkafka's are. What is not may be a password, behind a name that lacks its `=`.
bool is_name(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.find_first_not_of(kLetters) == text.npos;
}

}  // namespace

bool is_on_kafka(const Settings& settings) {
  if (settings.text("log") == "kafka") return true;
  for (const std::string_view name : kOfKafka)
    if (!settings.is_default(name))
      throw WrongSetting(fmt::format("setting {}: is for --log kafka, and the log is {}", name,
                                     settings.text("log")));
  return false;
}

event_log::KafkaSettings kafka_settings(const Settings& settings) {
  const auto replicas = settings.optional_number("kafka-replication-factor");
  const auto in_sync = settings.optional_number("kafka-min-insync-replicas");
  if (replicas && in_sync && *in_sync > *replicas)
    throw WrongSetting(fmt::format(
        "setting kafka-min-insync-replicas: must be at most kafka-replication-factor, {}, not {}",
        *replicas, *in_sync));
  event_log::KafkaSettings kafka = kafka_connection(settings);
  if (!settings.is_default("partitions"))
    kafka.partitions = static_cast<std::uint16_t>(settings.number("partitions"));
  kafka.replication_factor = static_cast<int>(replicas.value_or(0));
  kafka.min_insync_replicas = static_cast<int>(in_sync.value_or(0));
  kafka.create_topics = settings.on("kafka-create-topics");
  kafka.key_window = settings.duration("idempotency-window-ms");
  return kafka;
}

event_log::KafkaSettings kafka_connection(const Settings& settings) {
  event_log::KafkaSettings kafka{.bootstrap_servers = settings.text("brokers"),
                                 .prefix = settings.optional_text("kafka-prefix").value_or("")};
  check_prefix(kafka.prefix);
  if (settings.given("kafka-properties")) take_properties(kafka, settings.path("kafka-properties"));
  return kafka;
}

std::map<std::string, std::string> properties_from(const std::filesystem::path& file) {
  std::ifstream lines(file);
  if (!lines)
    throw WrongSetting(fmt::format("setting kafka-properties: {} cannot be read", file.string()));
  std::map<std::string, std::string> properties;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    const auto equals = text.find('=');
    const std::string_view name = trimmed(text.substr(0, equals));
    // A line may hold a password, so it is not shown.
    if (equals == std::string_view::npos || !is_name(name))
      throw WrongSetting(fmt::format("setting kafka-properties: {}, line {}: must be name=value",
                                     file.string(), number));
    if (!properties.emplace(name, trimmed(text.substr(equals + 1))).second)
      throw WrongSetting(fmt::format("setting kafka-properties: {}, line {}: {} is given twice",
                                     file.string(), number, name));
  }
  return properties;
}

}  // namespace boxoffice::app
