#include "event-log/kafka/properties.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "event-log/kafka/kafka_log.hpp"

namespace boxoffice::event_log::kafka {
namespace {

struct Refused {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view kVital = "the log depends on it";
constexpr std::string_view kBrokers = "use the setting brokers";
constexpr std::string_view kGroup = "processors share partitions out in a way of their own";
constexpr std::string_view kAhead = "how much is read ahead is the log's to say";

/// What the adapter's correctness hangs on, and what it sets itself; with all names that librdkafka
/// has for it.
constexpr std::array kRefused{
    Refused{"bootstrap.servers", kBrokers},
    Refused{"metadata.broker.list", kBrokers},
    Refused{"test.mock.num.brokers", kBrokers},
    Refused{"transactional.id", kVital},
    Refused{"transaction.timeout.ms", kVital},
    Refused{"enable.idempotence", kVital},
    Refused{"acks", kVital},
    Refused{"request.required.acks", kVital},
    Refused{"message.timeout.ms", kVital},
    Refused{"delivery.timeout.ms", kVital},
    Refused{"delivery.report.only.error", kVital},
    Refused{"enabled_events", kVital},
    Refused{"statistics.interval.ms", kVital},
    Refused{"isolation.level", kVital},
    Refused{"enable.partition.eof", kVital},
    Refused{"auto.offset.reset", kVital},
    Refused{"enable.auto.commit", kVital},
    Refused{"auto.commit.enable", kVital},
    Refused{"enable.auto.offset.store", kVital},
    Refused{"group.id", "use the setting kafka-prefix, which its name begins with"},
    Refused{"group.instance.id", kGroup},
    Refused{"group.protocol", kGroup},
    Refused{"group.remote.assignor", kGroup},
    Refused{"partition.assignment.strategy", kGroup},
    Refused{"session.timeout.ms", "use the setting session-timeout-ms"},
    Refused{"max.poll.interval.ms", "use the setting session-timeout-ms"},
    Refused{"queue.buffering.max.messages", "use the setting inbox"},
    Refused{"queued.max.messages.kbytes", kAhead},
    Refused{"fetch.message.max.bytes", kAhead},
    Refused{"max.partition.fetch.bytes", kAhead},
    Refused{"fetch.wait.max.ms", kAhead},
};

/// Measured, each of them: see docs/kafka.md.
const Properties kOfAll{
    {"client.id", "boxoffice"},          {"reconnect.backoff.ms", "20"},
    {"reconnect.backoff.max.ms", "200"}, {"socket.timeout.ms", "10000"},
    {"log.connection.close", "false"},   {"enable.metrics.push", "false"},
};

Properties of(Kind kind) {
  switch (kind) {
    case Kind::reader:
      return {{"connections.max.idle.ms", "5000"}, {"isolation.level", "read_committed"},
              {"enable.partition.eof", "true"},    {"auto.offset.reset", "earliest"},
              {"enable.auto.commit", "false"},     {"enable.auto.offset.store", "false"},
              {"fetch.wait.max.ms", "10"},         {"fetch.error.backoff.ms", "50"},
              {"fetch.queue.backoff.ms", "5"}};
    case Kind::observer:
      return {{"connections.max.idle.ms", "5000"},
              {"isolation.level", "read_uncommitted"},
              {"enable.auto.commit", "false"}};
    case Kind::producer:
      return {{"linger.ms", "0"}, {"retry.backoff.ms", "1"}};
    case Kind::member:
      // A member learns with its next heartbeat that partitions are shared out anew.
      return {{"heartbeat.interval.ms", "500"}, {"enable.auto.commit", "false"}};
  }
  return {};
}

constexpr std::string_view kHidden = "…";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// Of what stands in quotes only the property's name.
std::string without_quotes(std::string_view said, std::string_view name) {
  std::string shown;
  while (!said.empty()) {
    const auto begin = std::min(said.find('"'), said.size());
    const auto end = std::min(said.find('"', begin + 1), said.size());
    shown += said.substr(0, begin);
    if (begin < said.size()) {
      const std::string_view quoted = said.substr(begin + 1, end - begin - 1);
      shown.append("\"").append(quoted == name ? quoted : kHidden).append("\"");
    }
    said.remove_prefix(std::min(end + 1, said.size()));
  }
  return shown;
}

/// librdkafka quotes values whole and in parts, or ends with them. Of a number it says in which
/// range it must be.
std::string without_value(std::string_view said, std::string_view name, std::string_view value) {
  const bool is_number = value.find_first_not_of("0123456789") == value.npos;
  if (is_number) return without_quotes(said, name);
  if (said.ends_with(value)) said.remove_suffix(value.size());
  std::string shown = without_quotes(said, name);
  constexpr std::size_t kWord = 4;  // what is shorter may be part of any
  if (value.size() >= kWord) replace_all(shown, value, kHidden);
  return shown;
}

/// The reason it was refused for.
std::expected<void, std::string> set(rd_kafka_conf_t* conf, const std::string& name,
                                     const std::string& value) {
  std::string reason(512 + value.size(), '\0');  // a value that was cut off could not be found
  const auto done =
      rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size());
  if (done == RD_KAFKA_CONF_OK) return {};
  if (done == RD_KAFKA_CONF_UNKNOWN)
    return std::unexpected("the property " + name + " is none of librdkafka's");
  reason.resize(std::string_view(reason.c_str()).find_last_not_of('\n') + 1);
  return std::unexpected("the property " + name +
                         " was refused: " + without_value(reason, name, value));
}

/// By its name; what is in the file of a key is not among the properties.
bool is_secret(std::string_view name) {
  constexpr std::array<std::string_view, 6> kSecret{"password", "secret", "pem",
                                                    "private",  "jaas",   "oauthbearer.config"};
  return std::ranges::any_of(kSecret, [&](auto part) { return name.find(part) != name.npos; });
}

}  // namespace

void DestroyConf::operator()(rd_kafka_conf_s* conf) const { rd_kafka_conf_destroy(conf); }

std::expected<Conf, std::string> configuration(Kind kind, const Properties& own,
                                               const Properties& given) {
  for (const auto& [name, value] : given)
    if (const auto* refused = std::ranges::find(kRefused, name, &Refused::name);
        refused != kRefused.end())
      return std::unexpected("the property " + name +
                             " cannot be set: " + std::string(refused->why));
  Conf conf(rd_kafka_conf_new());
  // One after the other, since a property may have two names.
  for (const Properties& properties : {kOfAll, of(kind), own, given})
    for (const auto& [name, value] : properties)
      if (auto done = set(conf.get(), name, value); !done) return std::unexpected(done.error());
  return conf;
}

std::string without_secrets(std::string said, const Properties& given) {
  for (const auto& [name, value] : given)
    if (is_secret(name) && !value.empty()) replace_all(said, value, kHidden);
  return said;
}

}  // namespace boxoffice::event_log::kafka

namespace boxoffice::event_log {

std::expected<void, std::string> check_properties(const KafkaSettings& settings) {
  const auto taken = kafka::configuration(kafka::Kind::observer, {}, settings.properties);
  if (!taken) return std::unexpected(taken.error());
  return {};
}

}  // namespace boxoffice::event_log
