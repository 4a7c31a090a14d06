#include "event-log/kafka/topics.hpp"

#include <algorithm>
#include <thread>

#include "event-log/kafka/lanes.hpp"
#include "event-log/kafka/topic_admin.hpp"
#include "event-log/kafka/topic_differences.hpp"
#include "event-log/kafka/topic_rules.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::chrono::milliseconds kLook{50};

/// Brokers learn about new topics a moment after they were made, and one after the other.
bool may_look_again(Deadline deadline) {
  if (Clock::now() + kLook >= deadline) return false;
  std::this_thread::sleep_for(kLook);
  return true;
}

std::vector<NewTopic> missing(const KafkaSettings& settings, const std::vector<std::string>& names,
                              const FoundTopics& found) {
  std::vector<NewTopic> topics;
  for (std::size_t lane = 0; lane < names.size(); ++lane)
    if (!found.topics[lane])
      topics.push_back({.name = names[lane],
                        .partitions = settings.partitions,
                        .replicas = settings.replication_factor,
                        .properties = properties_of(lane, settings)});
  return topics;
}

/// Whether those that are there leave no doubt how many partitions the others are to have.
bool agree(const FoundTopics& found, std::size_t partitions) {
  return std::ranges::all_of(found.topics, [&](const auto& topic) {
    return !topic || topic->replicas.size() == partitions;
  });
}

/// Those of the deployment, once what is missing is made, if the settings say so.
Result<FoundTopics> made(const KafkaSettings& settings, const std::vector<std::string>& names,
                         const Client& client, Deadline deadline) {
  for (bool is_first = true;; is_first = false) {
    auto found = find_topics(client, names, deadline);
    if (!found || !settings.create_topics || !agree(*found, settings.partitions)) return found;
    const std::vector<NewTopic> wanted = missing(settings, names, *found);
    if (wanted.empty()) return found;
    if (is_first)
      if (auto done = make_topics(client, wanted, deadline); !done)
        return std::unexpected(done.error());
    if (!may_look_again(deadline))
      return unavailable("topic " + wanted.front().name + " was made but is not there yet");
  }
}

std::string joined(const std::vector<std::string>& lines) {
  if (lines.size() == 1) return lines.front();
  std::string text = "the topics are not as they must be:";
  for (const std::string& line : lines) text += "\n" + line;
  return text;
}

}  // namespace

Result<KafkaSettings> prepare_topics(KafkaSettings given, const Client& client, Deadline deadline) {
  const bool are_partitions_given = given.partitions != 0;
  auto settings = with_layout(std::move(given), client, deadline);
  if (!settings) return settings;
  const std::vector<std::string> names = topic_names(settings->prefix);
  auto found = made(*settings, names, client, deadline);
  if (!found) return std::unexpected(found.error());
  for (;;) {
    const auto is_known = read_properties(client, names, *found, deadline);
    if (!is_known) return std::unexpected(is_known.error());
    if (*is_known) break;
    if (!may_look_again(deadline))
      return unavailable("a broker does not know the topics that another one has told of");
  }
  const auto lines = differences(*settings, are_partitions_given, *found);
  if (!lines.empty()) return misconfigured(joined(lines));
  return settings;
}

namespace {

/// Whoever has so few has mostly not chosen them: they were what the brokers of a first start
/// allowed.
void warn_of_few_replicas(const KafkaSettings& settings) {
  if (settings.min_insync_replicas >= 2 || !settings.on_log) return;
  const std::string what =
      settings.replication_factor == 1
          ? "each topic has one replica: with that broker's disk the history is lost"
          : "what is acknowledged may be with one replica of " +
                std::to_string(settings.replication_factor) +
                ": with that broker's disk it is lost";
  settings.on_log(4, what +
                         "; with three brokers, set kafka-replication-factor to 3 and "
                         "kafka-min-insync-replicas to 2");
}

}  // namespace

Result<KafkaSettings> with_layout(KafkaSettings settings, const Client& client, Deadline deadline) {
  constexpr std::uint16_t kPartitions = 16;
  constexpr int kReplicas = 3;
  const auto found = find_topics(client, topic_names(settings.prefix), deadline);
  if (!found) return std::unexpected(found.error());
  // As those that are there: others may have been lost, or are still to be made.
  const auto first = std::ranges::find_if(found->topics, [](const auto& topic) { return !!topic; });
  const bool is_new = first == found->topics.end();
  if (settings.partitions == 0)
    settings.partitions =
        is_new ? kPartitions : static_cast<std::uint16_t>((*first)->replicas.size());
  if (settings.replication_factor == 0)
    settings.replication_factor = is_new
                                      ? std::min(kReplicas, static_cast<int>(found->brokers.size()))
                                      : fewest((*first)->replicas);
  if (settings.min_insync_replicas == 0)
    settings.min_insync_replicas = std::max(1, settings.replication_factor - 1);
  warn_of_few_replicas(settings);
  return settings;
}

Result<std::uint16_t> partitions_of_topics(const KafkaSettings& settings, const Client& client,
                                           Deadline deadline) {
  const std::vector<std::string> names = topic_names(settings.prefix);
  const auto found = find_topics(client, names, deadline);
  if (!found) return std::unexpected(found.error());
  const auto& topics = found->topics;
  for (std::size_t lane = 0; lane < names.size(); ++lane) {
    // Of no use to who only reads, and none where no owner of this version has been yet.
    if (!topics[lane] && (lane == kSnapshotsLane || lane == kDecidedLane)) continue;
    if (!topics[lane]) {
      const std::string what = "there is no topic " + names[lane] + "; is the prefix right?";
      // Who follows may be there before whoever makes them.
      return settings.made_by_others ? Result<std::uint16_t>(unavailable(what))
                                     : Result<std::uint16_t>(misconfigured(what));
    }
    if (topics[lane]->replicas.size() != topics.front()->replicas.size())
      return misconfigured("the topics " + names.front() + " and " + names[lane] +
                           " have different numbers of partitions");
  }
  return static_cast<std::uint16_t>(topics.front()->replicas.size());
}

}  // namespace boxoffice::event_log::kafka
