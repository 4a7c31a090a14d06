#include "replay-tools/commands.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "replay-tools/explain.hpp"
#include "replay-tools/open_history.hpp"
#include "replay-tools/show.hpp"
#include "replay-tools/verify/verify.hpp"

namespace boxoffice::replay {
namespace {

constexpr int kClean = 0;
constexpr int kViolated = 1;
constexpr int kFailed = 2;

/// An event by its id (`3-1842`) or its position (`3:1842`), which verify prints.
std::optional<schema::Position> event_from_text(std::string_view text) {
  const auto position = schema::position_from_event_id(text);
  if (position) return position;
  const auto named = schema::position_from_text(text);
  return named && named->sequence.value > 0 ? named : std::nullopt;
}

/// An option whose text must be one of a value's.
template <class T>
CLI::Option* add_value(CLI::App& command, const std::string& flag, std::optional<T>& into,
                       std::optional<T> (*from_text)(std::string_view), std::string must_be,
                       const std::string& description) {
  return command.add_option_function<std::string>(
      flag,
      [&into, from_text, flag, must_be = std::move(must_be)](const std::string& text) {
        into = from_text(text);
        if (!into)
          throw CLI::ValidationError(flag, "must be " + must_be + ", not \"" + text + "\"");
      },
      description);
}

class ReplayCommands {
 public:
  ReplayCommands(std::ostream& out, std::ostream& error, ProgramsPart part)
      : out_(out), error_(error), part_(std::move(part)) {
    program_.require_subcommand(1);
    add_show();
    add_explain();
    add_verify();
    if (!part_.read_models) return;
    CLI::App& rebuild = add_read_models("rebuild", "Make read models again from the log");
    rebuild.add_flag("--swap", wish_.swap, "Let what was made take the place of the live one");
    add_read_models("diff", "Make read models again and compare them with the live ones");
  }

  int run(std::span<const std::string> arguments) {
    // CLI11 takes them last first.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      program_.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
      return program_.exit(error, out_, error_) == 0 ? kClean : kFailed;
    }
    return result_;
  }

 private:
  CLI::App& add(const std::string& name, const std::string& description) {
    CLI::App& command = *program_.add_subcommand(name, description);
    command.add_option("--data", directory_, "The data directory; a service may be running on it");
    if (!part_.open_kafka) return command;
    command.add_option("--log", log_, "Where the events are kept")
        ->check(CLI::IsMember({"embedded", "kafka"}))
        ->capture_default_str();
    for (const auto& [flag, meaning] :
         {std::pair{"--brokers", "Brokers to begin with, HOST:PORT, several by commas"},
          {"--kafka-prefix", "Stands before the names of topics"},
          {"--kafka-properties", "A file with properties of librdkafka"},
          {"--config", "A file with the service's settings"}})
      command.add_option_function<std::string>(
          flag,
          [this, flag = std::string(flag)](const std::string& value) {
            kafka_.insert(kafka_.end(), {flag, value});
          },
          meaning);
    return command;
  }

  /// What the flags of all commands must be. True: they are.
  bool names_a_log(bool needs_directory) {
    const bool is_kafka = log_ == "kafka";
    std::string wrong;
    if (!is_kafka && !kafka_.empty())
      wrong = kafka_.front() + " is for --log kafka";
    else if (directory_.empty() && (needs_directory || !is_kafka))
      wrong = "--data is required";
    if (wrong.empty()) return true;
    result_ = failed(wrong);
    return false;
  }

  CLI::App& add_read_models(const std::string& name, const std::string& description) {
    CLI::App& command = add(name, description);
    command.add_option("MODEL", wish_.model, "One read model; without it all");
    command.callback([this, name] {
      if (!names_a_log(true)) return;
      wish_.directory = directory_;
      if (log_ == "kafka") wish_.kafka = kafka_;
      result_ = part_.read_models(name, wish_, out_, error_);
    });
    return command;
  }

  CLI::App& add(const std::string& name, const std::string& description,
                int (ReplayCommands::*run)(event_log::Log&)) {
    CLI::App& command = add(name, description);
    command.callback([this, run] {
      if (!names_a_log(false)) return;
      if (log_ == "kafka") {
        const auto log = part_.open_kafka(kafka_);
        result_ = log ? (this->*run)(**log) : failed(log.error());
        return;
      }
      auto history = open_history(directory_);
      if (history) torn_end_ = history->torn_end();
      result_ = history ? (this->*run)(history->log()) : failed(history.error());
    });
    return command;
  }

  void add_show() {
    CLI::App& command = add("show", "Print events exactly as they are stored, a line each",
                            &ReplayCommands::show_events);
    command.add_option("--format", format_, "jsonl")->check(CLI::IsMember({"jsonl"}));
    command.add_option_function<std::uint16_t>(
        "--partition",
        [this](std::uint16_t value) { filter_.partition = schema::Partition{value}; },
        "Of one partition");
    add_value(command, "--occasion", filter_.occasion, schema::id_from_text<schema::OccasionId>,
              "an occasion's id", "About an occasion");
    add_value(command, "--person", filter_.person, schema::id_from_text<schema::PersonId>,
              "a person's id", "About a person");
    add_value(command, "--ticket", filter_.ticket, schema::id_from_text<schema::TicketId>,
              "a ticket's id", "About a ticket");
    command.add_option("--principal", filter_.principal,
                       "Asked for by: a person's or key's id, or anonymous");
    command.add_option("--type", filter_.type, "Of a type: TicketClaimed, ClaimRefused …")
        ->check([](const std::string& type) {
          return is_event_type(type) ? "" : "there are no events of the type \"" + type + "\"";
        });
    add_value(command, "--from", filter_.from, schema::instant_from_text,
              "a time like 2027-01-16T19:00:00.000Z",
              "Decided at or after (2027-01-16T19:00:00.000Z)");
    add_value(command, "--to", filter_.to, schema::instant_from_text,
              "a time like 2027-01-16T19:00:00.000Z", "Decided before");
  }

  void add_explain() {
    CLI::App& command = add("explain", "Say in words what caused an event, and what it led to",
                            &ReplayCommands::explain_event);
    add_value(command, "EVENT", event_, event_from_text,
              "an event's id, like 3-1842, or its position, like 3:1842",
              "An event's id or position")
        ->required();
  }

  void add_verify() {
    CLI::App& command = add("verify", "Hold all of history against the chain and the rules",
                            &ReplayCommands::verify_all);
    command.add_option("--threads", settings_.threads, "How many threads share the work")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command
        .add_option_function<std::int64_t>(
            "--key-window-ms",
            [this](std::int64_t window) {
              settings_.key_window = std::chrono::milliseconds(window);
            },
            "For how long no command is decided again: the service's setting")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{31'536'000'000}))
        ->default_str(std::to_string(settings_.key_window.count()));
  }

  int show_events(event_log::Log& log) {
    if (filter_.partition && filter_.partition->value >= log.partitions())
      return failed("--partition: the log has " + std::to_string(log.partitions()) +
                    ", from 0 to " + std::to_string(log.partitions() - 1));
    const auto shown = show(log, filter_, [this](std::string_view value) {
      out_ << value << '\n';
      return out_.good();
    });
    if (!shown) return failed(shown.error().message);
    out_.flush();
    return out_ ? kClean : failed("the output was closed");
  }

  int explain_event(event_log::Log& log) {
    const auto words = explain(log, *event_);
    if (!words) return failed(words.error());
    out_ << *words << std::flush;
    return kClean;
  }

  int verify_all(event_log::Log& log) {
    const auto report = verify(log, settings_);
    if (!report) return failed(report.error().message);
    for (const Violation& violation : report->violations)
      out_ << schema::to_text(violation.position) << ' ' << violation.rule << ": "
           << violation.sentence << '\n';
    if (const auto kept = report->violations.size(); kept < report->violations_found)
      out_ << "… and " << report->violations_found - kept << " more\n";
    print_torn_end();
    const Counts& counts = report->counts;
    out_ << "partitions " << counts.partitions << "\nevents " << counts.events << "\ncommands "
         << counts.commands << "\nrefusals " << counts.refusals << "\noccasions "
         << counts.occasions << "\nheld " << counts.held << "\nissued " << counts.issued
         << "\nburned " << counts.burned << "\nviolations " << report->violations_found
         << std::endl;
    return report->is_clean() ? kClean : kViolated;
  }

  /// No violation, for it may be a crash's; but not a thing to pass over in silence.
  void print_torn_end() {
    if (!torn_end_) return;
    for (const schema::Position& event : torn_end_->events) out_ << schema::to_text(event) << ' ';
    out_ << "left out: " << event_log::to_text(*torn_end_) << '\n';
  }

  int failed(const std::string& message) {
    error_ << "boxoffice replay: " << message << std::endl;
    return kFailed;
  }

  std::ostream& out_;
  std::ostream& error_;
  const ProgramsPart part_;
  CLI::App program_{"Look into the history and check it", "boxoffice replay"};
  int result_ = kFailed;

  std::string directory_;
  std::string log_ = "embedded";
  KafkaFlags kafka_;
  std::optional<event_log::TornEnd> torn_end_;
  std::string format_ = "jsonl";
  Filter filter_;
  std::optional<schema::Position> event_;
  VerifySettings settings_;
  ReadModelsWish wish_;
};

}  // namespace

int run_replay(std::span<const std::string> arguments, ProgramsPart part) {
  std::ios::sync_with_stdio(false);
  return run_replay(arguments, std::cout, std::cerr, std::move(part));
}

int run_replay(std::span<const std::string> arguments, std::ostream& out, std::ostream& error,
               ProgramsPart part) {
  return ReplayCommands(out, error, std::move(part)).run(arguments);
}

}  // namespace boxoffice::replay
