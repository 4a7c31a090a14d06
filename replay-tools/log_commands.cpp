#include "replay-tools/log_commands.hpp"

#include <CLI/CLI.hpp>
#include <ostream>

#include "event-log/about.hpp"
#include "replay-tools/copy/copy.hpp"
#include "replay-tools/open_history.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::replay {
namespace {

namespace fs = std::filesystem;
using event_log::Log;

constexpr int kWhole = 0;
constexpr int kNotWhole = 1;
constexpr int kFailed = 2;

constexpr std::string_view kKafka = "kafka";
/// Where a log on a cluster says with which secrets it was made.
constexpr std::string_view kRootsName = "roots";

std::vector<schema::Sequence> ends_of(const Log& log) {
  std::vector<schema::Sequence> ends;
  for (std::uint16_t i = 0; i < log.partitions(); ++i) ends.push_back(log.end({i}));
  return ends;
}

/// A prefix stands before a topic's name, and mostly ends with what no host ends with.
bool may_be_host(std::string_view text) {
  constexpr std::string_view kAtEnds =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return !text.empty() && kAtEnds.contains(text.front()) && kAtEnds.contains(text.back()) &&
         text.find(' ') == text.npos;
}

/// The source, of either kind.
class Source {
 public:
  using Opened = std::expected<std::unique_ptr<Source>, std::string>;

  static Opened open(const std::string& where, const KafkaFlags& flags, const PartForLogs& part) {
    auto source = std::make_unique<Source>();
    if (where == kKafka) {
      source->open_again_ = [&flags, &part] { return part.open_kafka_for_reading(flags); };
      auto log = source->open_again_();
      if (!log) return std::unexpected(log.error());
      source->on_kafka_ = std::move(*log);
    } else {
      auto history = open_history(where);
      if (!history) return std::unexpected(history.error());
      source->directory_ = where;
      source->in_directory_.emplace(std::move(*history));
    }
    source->ends_ = ends_of(source->log());
    return source;
  }

  Log& log() { return on_kafka_ ? *on_kafka_ : in_directory_->log(); }
  std::string kind() const { return on_kafka_ ? "kafka" : "embedded"; }
  /// A directory at rest is held, so that nobody begins to use it. Of a cluster only what was
  /// appended meanwhile tells.
  event_log::Result<bool> is_at_rest() {
    if (in_directory_) return !in_directory_->is_in_use();
    const auto again = open_again_();
    if (!again)
      return std::unexpected(
          event_log::LogError{event_log::LogErrorKind::unavailable, again.error()});
    return ends_of(**again) == ends_;
  }

  const std::optional<event_log::TornEnd>& torn_end() const {
    static const std::optional<event_log::TornEnd> kNone;
    return in_directory_ ? in_directory_->torn_end() : kNone;
  }

  /// Of the secrets that it was made with.
  std::expected<std::optional<std::string>, std::string> fingerprints() {
    if (in_directory_) return sealing::kept_fingerprints(directory_);
    auto kept = on_kafka_->key(event_log::kAboutPartition, kRootsName);
    if (!kept) return std::unexpected(kept.error().message);
    return std::move(*kept);
  }

 private:
  fs::path directory_;
  std::optional<OpenHistory> in_directory_;
  std::unique_ptr<Log> on_kafka_;
  std::function<OpenedLog()> open_again_;
  std::vector<schema::Sequence> ends_;
};

class LogCommands {
 public:
  LogCommands(std::ostream& out, std::ostream& error, PartForLogs part)
      : out_(out), error_(error), part_(std::move(part)) {
    program_.require_subcommand(1);
    CLI::App& copy = *program_.add_subcommand(
        "copy", "Copy a log, events byte for byte; run it again to go on where it stopped");
    copy.add_option_function<std::string>(
            "--from", [this](const std::string& place) { from_ = place_of(place); },
            "embedded:DIR (a service may be running on it) or kafka:HOST:PORT,…[,PREFIX]")
        ->required();
    copy.add_option_function<std::string>(
            "--to", [this](const std::string& place) { to_ = place_of(place); },
            "embedded:DIR, made where it is missing, or kafka:HOST:PORT,…[,PREFIX]")
        ->required();
    copy.add_flag("--as-it-is", as_it_is_,
                  "The copy is whole though the source is in use: for a backup or a rehearsal");
    for (const auto& [flag, meaning] :
         {std::pair{"--kafka-properties", "A file with properties of librdkafka"},
          {"--kafka-replication-factor", "Replicas that each topic must have"},
          {"--kafka-min-insync-replicas", "Replicas that must have a record"},
          {"--kafka-create-topics", "off: do not make the topics that are missing"},
          {"--config", "A file with the service's settings"}})
      copy.add_option_function<std::string>(
          flag,
          [this, flag = std::string(flag)](const std::string& value) {
            kafka_.insert(kafka_.end(), {flag, value});
          },
          meaning);
    copy.callback([this] { result_ = run_copy(); });
  }

  int run(std::span<const std::string> arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      program_.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
      return program_.exit(error, out_, error_) == 0 ? kWhole : kFailed;
    }
    return result_;
  }

 private:
  /// The directory, or `kafka` and the flags that say where.
  std::string place_of(const std::string& text) {
    constexpr std::string_view kEmbedded = "embedded:";
    constexpr std::string_view kCluster = "kafka:";
    if (text.starts_with(kEmbedded) && text.size() > kEmbedded.size())
      return text.substr(kEmbedded.size());
    if (!text.starts_with(kCluster) || text.size() == kCluster.size())
      throw CLI::ValidationError("must be embedded:DIR or kafka:HOST:PORT,…[,PREFIX], not " + text);
    std::string brokers = text.substr(kCluster.size());
    // What has no port is no broker.
    const auto comma = brokers.rfind(',');
    if (comma != std::string::npos && brokers.find(':', comma) == std::string::npos) {
      const std::string prefix = brokers.substr(comma + 1);
      if (may_be_host(prefix))
        throw CLI::ValidationError(
            "of " + text + ", " + prefix +
            " may be a broker that lacks its port or a prefix; write HOST:PORT, or give a prefix "
            "that does not end with one of . _ - as the setting kafka-prefix");
      kafka_.insert(kafka_.end(), {"--kafka-prefix", prefix});
      brokers.resize(comma);
    }
    kafka_.insert(kafka_.end(), {"--brokers", brokers});
    return std::string(kKafka);
  }

  int run_copy() {
    if ((from_ == kKafka) == (to_ == kKafka) && (from_ == kKafka || !kafka_.empty()))
      return failed(from_ == kKafka ? "--from and --to: one of them is a directory"
                                    : kafka_.front() + " is for a log on kafka");
    if (std::error_code error; from_ != kKafka && fs::equivalent(from_, to_, error))
      return failed("--to: is the source itself");
    const auto source = Source::open(from_, kafka_, part_);
    if (!source) return failed(source.error());
    const auto to = open_destination((*source)->log());
    if (!to) return failed(to.error());
    if (const auto& torn = (*source)->torn_end())
      error_ << "left out: " << event_log::to_text(*torn) << '\n';
    return copy(**source, **to);
  }

  OpenedLog open_destination(const Log& source) {
    return to_ == kKafka
               ? part_.open_kafka_for_copying(kafka_, source.deployment(), source.partitions())
               : part_.open_directory_for_copying(to_, source.deployment(), source.partitions());
  }

  int copy(Source& source, Log& to) {
    CopySettings settings{.from = source.kind(),
                          .is_at_rest = [&] { return as_it_is_ ? true : source.is_at_rest(); },
                          .tell = [this](const std::string& step) { error_ << step << std::endl; }};
    if (to.deployment() == source.log().deployment())
      if (auto kept = keep_fingerprints(source, to, settings); !kept) return failed(kept.error());
    if (to_ == kKafka) settings.also.push_back(part_.claim());
    const auto report = copy_log(source.log(), to, settings);
    if (!report) {
      error_ << "boxoffice log: " << report.error().message << std::endl;
      return report.error().kind == CopyFaultKind::finding ? kNotWhole : kFailed;
    }
    print(*report, to);
    if (report->is_whole) return kWhole;
    error_ << "boxoffice log: the source is in use, so the copy is unfinished: stop its service, "
              "and run this again"
           << std::endl;
    return kNotWhole;
  }

  /// The secrets themselves stay where they are; what goes along tells that no others are used.
  /// Before the first event: a service that finds a log without them would make some.
  std::expected<void, std::string> keep_fingerprints(Source& source, Log& to,
                                                     CopySettings& settings) {
    const auto made_with = source.fingerprints();
    if (!made_with) return std::unexpected(made_with.error());
    if (!*made_with) return {};
    if (to_ != kKafka) return sealing::keep_fingerprints(to_, **made_with);
    const auto kept = to.key(event_log::kAboutPartition, kRootsName);
    if (!kept) return std::unexpected(kept.error().message);
    if (*kept && **kept != **made_with)
      return std::unexpected("the destination was made with other secrets than the source");
    settings.also.push_back({event_log::kAboutPartition, std::string(kRootsName), **made_with});
    return {};
  }

  void print(const CopyReport& report, const Log& to) {
    std::uint64_t events = 0, copied = 0;
    for (const CopiedPartition& partition : report.partitions) {
      events += partition.head.sequence.value;
      copied += partition.copied;
      if (!partition.head.hash) continue;
      out_ << schema::to_text(schema::Position{partition.partition, partition.head.sequence}) << ' '
           << schema::to_text(*partition.head.hash) << ' ' << partition.copied << " copied\n";
    }
    out_ << "deployment " << to.deployment() << "\npartitions " << report.partitions.size()
         << "\nevents " << events << "\nevents copied " << copied << "\nkeys " << report.keys
         << "\nkeys copied " << report.keys_copied << "\nkeys destroyed " << report.keys_destroyed
         << "\nwhole " << (report.is_whole ? "yes" : "no") << std::endl;
  }

  int failed(const std::string& message) {
    error_ << "boxoffice log: " << message << std::endl;
    return kFailed;
  }

  std::ostream& out_;
  std::ostream& error_;
  const PartForLogs part_;
  CLI::App program_{"Move a log", "boxoffice log"};
  int result_ = kFailed;
  std::string from_, to_;
  KafkaFlags kafka_;
  bool as_it_is_ = false;
};

}  // namespace

int run_log(std::span<const std::string> arguments, std::ostream& out, std::ostream& error,
            PartForLogs part) {
  return LogCommands(out, error, std::move(part)).run(arguments);
}

}  // namespace boxoffice::replay
