#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

// librdkafka's type, so that its header is included in source files only.
struct rd_kafka_conf_s;

/// librdkafka's properties: the adapter's own, and those that the settings give.
namespace boxoffice::event_log::kafka {

using Properties = std::map<std::string, std::string>;

enum class Kind {
  reader,    ///< sees committed records only
  observer,  ///< sees the ends of all that was written, committed or not
  producer,
  member,  ///< of a consumer group, which shares partitions out; reads nothing
};

struct DestroyConf {
  void operator()(rd_kafka_conf_s* conf) const;
};
using Conf = std::unique_ptr<rd_kafka_conf_s, DestroyConf>;

/// What a client is made with: the adapter's properties for all clients, for this kind, and `own`,
/// for this one. Each that is `given` is in force, whatever the adapter's is, or refused by name.
/// The error shows no value: it may be a password.
[[nodiscard]] std::expected<Conf, std::string> configuration(Kind kind, const Properties& own,
                                                             const Properties& given);

/// What librdkafka says, with none of the secrets that are among the properties.
[[nodiscard]] std::string without_secrets(std::string said, const Properties& given);

}  // namespace boxoffice::event_log::kafka
