#include "event-log/kafka/topic_differences.hpp"

#include <algorithm>

#include "event-log/kafka/lanes.hpp"
#include "event-log/kafka/topic_rules.hpp"

namespace boxoffice::event_log::kafka {
namespace {

using std::to_string;

/// Where each partition has so many replicas, as `kafka-reassign-partitions.sh` wants it: those
/// that it has, and of the brokers behind them those that are next.
std::string reassignment(const std::string& topic, const Replicas& present, std::size_t wanted,
                         const std::vector<std::int32_t>& brokers) {
  std::string json = R"({"version":1,"partitions":[)";
  for (std::size_t partition = 0; partition < present.size(); ++partition) {
    std::vector<std::int32_t> replicas = present[partition];
    for (std::size_t i = 0; i < brokers.size() && replicas.size() < wanted; ++i) {
      const std::int32_t broker = brokers[(partition + i) % brokers.size()];
      if (std::ranges::find(replicas, broker) == replicas.end()) replicas.push_back(broker);
    }
    json += (partition == 0 ? R"({"topic":")" : R"(,{"topic":")") + topic + R"(","partition":)" +
            to_string(partition) + R"(,"replicas":[)";
    for (std::size_t i = 0; i < replicas.size(); ++i)
      json += (i == 0 ? "" : ",") + to_string(replicas[i]);
    json += "]}";
  }
  return json + "]}";
}

class Comparison {
 public:
  Comparison(const KafkaSettings& settings, bool are_partitions_given, const FoundTopics& found)
      : settings_(settings),
        are_partitions_given_(are_partitions_given),
        found_(found),
        names_(topic_names(settings.prefix)) {}

  std::vector<std::string> lines() && {
    const bool is_wrong_setting = compare_setting();
    for (std::size_t lane = 0; lane < names_.size(); ++lane) {
      if (found_.topics[lane])
        compare(lane, *found_.topics[lane], is_wrong_setting);
      else if (!is_wrong_setting)
        tell("there is no topic " + names_[lane] + "; make it with: " + create(lane));
    }
    if (left_out_ > 0)
      lines_.push_back("and " + to_string(left_out_) + " more, told when these are mended");
    return std::move(lines_);
  }

 private:
  /// Replicas come first: partitions that are added have as many as the others.
  void compare(std::size_t lane, const FoundTopic& topic, bool is_wrong_setting) {
    compare_replicas(lane, topic.replicas);
    if (!is_wrong_setting) compare_partitions(lane, topic.replicas.size());
    compare_properties(lane, topic.properties);
  }

  void tell(std::string line) {
    constexpr std::size_t kBytes = 32 << 10;
    told_ += line.size();
    if (lines_.empty() || told_ <= kBytes)
      lines_.push_back(std::move(line));
    else
      ++left_out_;
  }

  std::string tool(const std::string& name) const {
    return name + " --bootstrap-server " + settings_.bootstrap_servers + " ";
  }

  std::string create(std::size_t lane) const {
    std::string command = tool("kafka-topics.sh") + "--create --topic " + names_[lane] +
                          " --partitions " + to_string(settings_.partitions) +
                          " --replication-factor " + to_string(settings_.replication_factor);
    for (const auto& [name, value] : properties_of(lane, settings_))
      command += " --config " + name + "=" + value;
    return command;
  }

  /// Where the topics agree with each other, it is the setting that is wrong.
  bool compare_setting() {
    std::optional<std::size_t> of_all;
    for (const auto& topic : found_.topics) {
      if (!topic) continue;
      if (of_all.value_or(topic->replicas.size()) != topic->replicas.size()) return false;
      of_all = topic->replicas.size();
    }
    if (!of_all || *of_all == settings_.partitions) return false;
    tell("the topics have " + to_string(*of_all) + " partitions, and the setting partitions says " +
         to_string(settings_.partitions) +
         "; a deployment's number never changes, so correct the setting");
    return true;
  }

  void compare_partitions(std::size_t lane, std::size_t partitions) {
    if (partitions == settings_.partitions) return;
    const std::string wanted = to_string(settings_.partitions);
    const std::string has = "topic " + names_[lane] + " has " + to_string(partitions) +
                            " partitions instead of " + wanted;
    if (!are_partitions_given_)
      tell(has + ", which another one has; say in the setting partitions which is right");
    else if (partitions < settings_.partitions && most_have_as_many())
      tell(has + "; add those that are missing with: " + tool("kafka-topics.sh") +
           "--alter --topic " + names_[lane] + " --partitions " + wanted);
    else
      tell(has +
           "; none can be taken away, and a deployment's number never changes: is the "
           "setting partitions right?");
  }

  /// Else those with more may be the mistake: where events are, partitions must not be added.
  bool most_have_as_many() const {
    const auto is_there = [](const auto& topic) { return topic.has_value(); };
    const auto is_as_said = [&](const auto& topic) {
      return topic && topic->replicas.size() == settings_.partitions;
    };
    return 2 * std::ranges::count_if(found_.topics, is_as_said) >
           std::ranges::count_if(found_.topics, is_there);
  }

  void compare_replicas(std::size_t lane, const Replicas& replicas) {
    const int wanted = settings_.replication_factor;
    if (fewest(replicas) >= wanted) return;
    const std::string has = "topic " + names_[lane] + " has replication factor " +
                            to_string(fewest(replicas)) + " instead of " + to_string(wanted);
    const std::size_t brokers = found_.brokers.size();
    if (brokers < static_cast<std::size_t>(wanted))
      return tell(has + ", which takes as many brokers, and " + to_string(brokers) +
                  " answer; start more, or correct the setting kafka-replication-factor");
    tell(has + "; assign replicas with (in bash): " + tool("kafka-reassign-partitions.sh") +
         "--execute --reassignment-json-file <(echo '" +
         reassignment(names_[lane], replicas, static_cast<std::size_t>(wanted), found_.brokers) +
         "')");
  }

  void compare_properties(std::size_t lane, const Properties& properties) {
    std::string differing;
    std::string mending;
    for (const auto& [name, wanted] : properties_of(lane, settings_)) {
      const auto has = properties.find(name);
      if (has == properties.end() || is_good(lane, name, has->second, wanted)) continue;
      const bool is_first = differing.empty();
      differing += (is_first ? "" : ", ") + name + "=" + has->second + " instead of " + wanted;
      mending += (is_first ? "" : ",") + name + "=" + wanted;
    }
    if (differing.empty()) return;
    tell("topic " + names_[lane] + " has " + differing +
         "; mend it with: " + tool("kafka-configs.sh") +
         "--alter --entity-type topics --entity-name " + names_[lane] + " --add-config " + mending);
  }

  const KafkaSettings& settings_;
  const bool are_partitions_given_;
  const FoundTopics& found_;
  const std::vector<std::string> names_;
  std::vector<std::string> lines_;
  std::size_t told_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace

std::vector<std::string> differences(const KafkaSettings& settings, bool are_partitions_given,
                                     const FoundTopics& found) {
  return Comparison(settings, are_partitions_given, found).lines();
}

}  // namespace boxoffice::event_log::kafka
