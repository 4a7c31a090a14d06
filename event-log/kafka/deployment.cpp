#include "event-log/kafka/deployment.hpp"

#include <algorithm>
#include <random>

#include "event-log/kafka/transactions.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::string_view kRecordKey = "deployment";
constexpr std::size_t kNameLength = 12;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr Lane kLane{kKeysLane, {0}};

bool is_name(std::string_view text) {
  return text.size() == kNameLength && text.find_first_not_of(kLetters) == std::string_view::npos;
}

std::string new_name() {
  std::random_device random;
  std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1);
  std::string name;
  while (name.size() < kNameLength) name += kLetters[letter(random)];
  return name;
}

/// nullopt where the lane is empty.
Result<std::optional<std::string>> read_name(Cluster& cluster, Deadline deadline) {
  const auto ends = cluster.ends.settled(std::span(&kLane, 1), within(kPatience), deadline);
  if (!ends) return std::unexpected(ends.error());
  const auto probe = cluster.probes.lend(std::span(&kLane.partition, 1));
  if (!probe) return std::unexpected(probe.error());
  Bell bell;
  auto stream = Stream::open(**probe, kLane, 0, bell);
  if (!stream) return std::unexpected(stream.error());
  for (;;) {
    if (const Record* record = stream->head()) {
      if (record->key() == kRecordKey && is_name(record->value()))
        return std::string(record->value());
      return misconfigured("the first record of topic " + cluster.topics[kKeysLane] +
                           ", partition 0, is not a deployment's name; is the prefix right?");
    }
    if (stream->reached() >= ends->offsets[0]) return std::nullopt;
    if (stream->error()) return std::unexpected(*stream->error());
    if (!bell.wait(deadline)) return unavailable("the deployment's name was not read in time");
  }
}

}  // namespace

Result<std::string> name_of_deployment(Cluster& cluster) {
  const KafkaSettings& settings = cluster.settings;
  const Deadline deadline = within(std::max(settings.read_timeout, settings.take_over_timeout));
  for (;;) {
    auto name = read_name(cluster, deadline);
    if (!name) return std::unexpected(name.error());
    if (*name) return std::move(**name);
    if (settings.follows_others)
      return unavailable("topic " + cluster.topics[kKeysLane] +
                         " is empty: the deployment has no name yet; whoever serves gives it one");
    if (!settings.create_topics)
      return misconfigured("topic " + cluster.topics[kKeysLane] +
                           " is empty: the deployment has no name yet; open it once with "
                           "create_topics");
    // Of several that make the name at a time, the fence lets one go on; the others read it.
    auto producer =
        Transactions::fence(settings, settings.prefix + "boxoffice-deployment", deadline);
    if (!producer) return std::unexpected(producer.error());
    name = read_name(cluster, deadline);
    if (!name) return std::unexpected(name.error());
    if (*name) return std::move(**name);
    const Outcome outcome =
        (*producer)->commit_key(kLane.partition, kRecordKey,
                                settings.deployment.empty() ? new_name() : settings.deployment);
    if (outcome.fate != Fate::committed && Clock::now() >= deadline)
      return unavailable("the deployment's name could not be written: " + outcome.why);
  }
}

}  // namespace boxoffice::event_log::kafka
