#include "event-log/kafka/deployment.hpp"

#include <algorithm>
#include <random>

#include "event-log/kafka/transactions.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::string_view kRecordKey = "deployment";
constexpr std::size_t kNameLength = 12;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr Lane kLane{lane_of_key(kRecordKey), kAboutPartition};

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

/// nullopt where the log does not say yet.
Result<std::optional<std::string>> read_name(Cluster& cluster) {
  auto name = cluster.key(kLane.partition, kRecordKey);
  if (name && *name && !is_name(**name))
    return misconfigured("topic " + cluster.topics[kLane.number] +
                         " has no deployment's name under the key " + std::string(kRecordKey) +
                         "; is the prefix right?");
  return name;
}

/// Whether something was ever appended.
Result<bool> has_history(Cluster& cluster, Deadline deadline) {
  std::vector<Lane> lanes;
  for (std::uint16_t i = 0; i < cluster.settings.partitions; ++i)
    for (const Lane lane : event_lanes({i})) lanes.push_back(lane);
  const auto ends = cluster.ends.settled(lanes, Clock::now(), deadline);
  if (!ends) return std::unexpected(ends.error());
  return std::ranges::any_of(ends->offsets, [](std::int64_t end) { return end > 0; });
}

}  // namespace

Result<std::string> name_of_deployment(Cluster& cluster) {
  const KafkaSettings& settings = cluster.settings;
  const Deadline deadline = within(std::max(settings.read_timeout, settings.take_over_timeout));
  for (;;) {
    auto name = read_name(cluster);
    if (!name) return std::unexpected(name.error());
    if (*name) return std::move(**name);
    if (settings.made_by_others)
      return unavailable("topic " + cluster.topics[kLane.number] +
                         " does not say the deployment's name yet; whoever serves gives it one");
    if (!settings.create_topics)
      return misconfigured("topic " + cluster.topics[kLane.number] +
                           " does not say the deployment's name yet; open it once with "
                           "create_topics");
    // Of several that make the name at a time, the fence lets one go on; the others read it.
    auto producer =
        Transactions::fence(settings, settings.prefix + "boxoffice-deployment", deadline);
    if (!producer) return std::unexpected(producer.error());
    // Before the second look: whoever makes the name first may append at once.
    const auto had_history = has_history(cluster, deadline);
    if (!had_history) return std::unexpected(had_history.error());
    name = read_name(cluster);
    if (!name) return std::unexpected(name.error());
    if (*name) return std::move(**name);
    // A new name would come with new secrets.
    if (*had_history)
      return misconfigured("topic " + cluster.topics[kLane.number] +
                           " does not say the deployment's name, though there are events: it was "
                           "lost, or another version made the log; put it back from a backup");
    const Outcome outcome =
        (*producer)->commit_key(kLane.partition, kRecordKey,
                                settings.deployment.empty() ? new_name() : settings.deployment);
    if (outcome.fate != Fate::committed && Clock::now() >= deadline)
      return unavailable("the deployment's name could not be written: " + outcome.why);
  }
}

}  // namespace boxoffice::event_log::kafka
