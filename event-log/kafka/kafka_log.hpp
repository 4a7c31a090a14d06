#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "event-log/log.hpp"

/// The log on a Kafka cluster (brokers of 3.6 or later): one topic for each `schema::Topic`, and
/// `boxoffice.keys` and `boxoffice.about`; docs/kafka.md tells how.
///
/// An append is one transaction of one partition, so a batch concerns one partition; writers of
/// different partitions append side by side. Its fence is the epoch of the partition's
/// transactional ids: another process that takes over fences as well as one in this process.
///
/// - After an append that failed, further ones of the writer are `fenced`: take over again. Where
///   nobody knows the outcome the message says so ("open outcome"); taking over settles it, and if
///   it turns out committed, followers are called within the take-over.
/// - `end` counts what this process has seen: what it found when it opened the log and took
///   partitions over, what its writers committed, what its cursors read.
/// - A cursor shows all that this process knows to be committed, and what others committed within a
///   moment. Its first read goes up to what was committed when it was called.
/// - A record that is missing, doubled, or none of ours is `corrupt`, with its position or place.
namespace boxoffice::event_log {

struct KafkaSettings {
  std::string bootstrap_servers;  ///< `host:port`, several with commas
  /// Stands before the names of topics and transactional ids, so that several deployments may share
  /// a cluster.
  std::string prefix;

  /// What the topics must have. Those that are missing are made if `create_topics`.
  /// 0: as many as topics that are there have; else 16.
  std::uint16_t partitions = 0;
  /// 0: as many as topics that are there have; else three, or as many as there are brokers.
  int replication_factor = 0;
  /// 0: all replicas but one, and at least one.
  int min_insync_replicas = 0;
  bool create_topics = false;
  /// How long keys are remembered: that, and a day, is what the topic of remembered keys must keep.
  std::chrono::milliseconds key_window{86'400'000};
  /// Of a new log, 12 characters of [a-z0-9]; empty: one of its own.
  std::string deployment{};
  /// For tools: the topics are taken as they are, with as many partitions as they have, and nothing
  /// is made or taken over.
  bool only_read = false;

  /// Followers are handed also what other processes commit, from where the log ended when it was
  /// opened. For who only reads: what this process commits itself would come twice.
  bool follows_others = false;
  /// Topics and names that are missing are `unavailable`, for somebody else may be about to make
  /// them.
  bool made_by_others = false;

  /// An append that takes longer is in doubt.
  std::chrono::milliseconds commit_timeout{10'000};
  std::chrono::milliseconds take_over_timeout{30'000};
  /// Of opening, and of each call that reads.
  std::chrono::milliseconds read_timeout{10'000};
  /// What one reader of all partitions fetches ahead at most where two topics have most of what is
  /// read, as claims and tickets; five times as much where all have. A partition that is read by
  /// several cursors at a time has as many readers.
  std::size_t fetch_bytes = std::size_t{64} << 20;

  /// Where this process notes at which offsets wrapped keys lie, so that it can look them up: a
  /// directory of its own, made where it is missing, that may be deleted while it is not open.
  /// Opened with the first look-up; empty: there are none.
  std::string key_places{};

  /// Further properties of librdkafka (security, compression …). Each is in force or refused: those
  /// that the adapter depends on, or sets itself, are.
  std::map<std::string, std::string> properties;
  /// Is told what librdkafka logs, with a level as of syslog (0 to 7), from its threads. Must not
  /// block or throw.
  std::function<void(int level, std::string_view message)> on_log;
};

/// What librdkafka says against the settings' properties one by one, without asking brokers: names
/// the property, and never shows a value.
[[nodiscard]] std::expected<void, std::string> check_properties(const KafkaSettings& settings);

/// `wrong_format`: a setting or a topic is not as it must be, and the message says what would be
/// right.
[[nodiscard]] Result<std::unique_ptr<Log>> open_kafka(const KafkaSettings& settings);

}  // namespace boxoffice::event_log
