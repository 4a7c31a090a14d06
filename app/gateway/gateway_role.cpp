#include "app/gateway/gateway_role.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "app/gateway/posting.hpp"
#include "app/metrics/clock.hpp"
#include "app/metrics/posting.hpp"
#include "app/reading/followed_accounts.hpp"
#include "app/reading/remote_desk.hpp"
#include "app/serve/certificate_watch.hpp"
#include "app/serve/engine.hpp"
#include "app/serve/listening.hpp"
#include "app/serve/log_lines.hpp"
#include "app/serve/opened_log.hpp"
#include "app/serve/opened_vault.hpp"
#include "app/serve/process.hpp"
#include "app/serve/readiness_lines.hpp"
#include "app/serve/ready_file.hpp"
#include "app/serve/tenure.hpp"
#include "app/settings/gateway_settings.hpp"
#include "app/settings/kafka_settings.hpp"
#include "app/settings/role_settings.hpp"
#include "app/settings/subcommands.hpp"
#include "event-log/kafka/time_signal.hpp"
#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
/// In an outage a look lasts that long.
constexpr std::chrono::milliseconds kReadTimeout{3000};

/// What others make, or brokers are to hand over, perhaps later than this starts.
template <class Part>
std::unique_ptr<Part> await(std::string_view what,
                            const std::function<event_log::Result<std::unique_ptr<Part>>()>& open) {
  std::string told;
  for (;;) {
    auto part = open();
    if (part) return std::move(*part);
    const event_log::LogError& error = part.error();
    if (error.kind == event_log::LogErrorKind::wrong_format) throw WrongSetting(error.message);
    if (error.kind != event_log::LogErrorKind::unavailable) throw std::runtime_error(error.message);
    if (error.message != told)
      journal::warning("waiting", fmt::format("waiting for {}: {}", what, error.message))
          .with("for", what)
          .with("error", error.message);
    told = error.message;
    std::this_thread::sleep_for(kLookEvery);
  }
}

event_log::Result<std::unique_ptr<event_log::Log>> look_at_log(const Settings& settings) {
  std::string why;
  if (auto log = open_log_to_look_at(settings, kReadTimeout, why)) return log;
  return std::unexpected(event_log::LogError{event_log::LogErrorKind::unavailable, why});
}

/// What a gateway works with. Members stand in the order in which they depend on each other.
struct Parts {
  std::unique_ptr<event_log::Log> log;
  std::unique_ptr<sealing::Vault> vault;
  std::unique_ptr<event_log::KafkaTimeSignal> signal;
  std::unique_ptr<Posting> posting;
  std::unique_ptr<projections::transport::RemoteDesk> desk;
  /// After the desk: who waits for an account as this ends goes on to ask there.
  std::unique_ptr<FollowedAccounts> accounts;
};

Parts await_parts(const Settings& settings, std::chrono::milliseconds deadline) {
  Parts parts;
  parts.log = await<event_log::Log>("the log", [&] { return look_at_log(settings); });
  parts.vault = await<sealing::Vault>("the first processor",
                                      [&] { return open_vault_of(*parts.log, settings); });
  event_log::KafkaSettings kafka = kafka_connection(settings);
  kafka.on_log = LogLines();
  kafka.partitions = parts.log->partitions();
  parts.signal = await<event_log::KafkaTimeSignal>(
      "replies", [&] { return event_log::KafkaTimeSignal::open(kafka); });
  parts.posting = await<Posting>("commands and replies", [&] {
    return Posting::open(kafka, parts.log->deployment(),
                         static_cast<std::size_t>(settings.number("inbox")), deadline);
  });
  parts.desk = remote_desk(settings, parts.log->deployment());
  parts.accounts = await<FollowedAccounts>("accounts", [&] { return follow_accounts(kafka); });
  return parts;
}

/// Whether this gateway can do its work, as seen lately: looking waits for brokers, and whoever
/// asks must not.
class Watch {
 public:
  explicit Watch(const Parts& parts) : parts_(parts) {}

  void look() {
    gateway::Readiness seen;
    auto not_ready = [&](std::string why) {
      seen.ready = false;
      seen.reasons.push_back(std::move(why));
    };
    const auto holder = holder_of(*parts_.log);
    if (!holder) not_ready("the log: " + holder.error().message);
    if (holder && *holder != std::string(kProcessors))
      not_ready("the log has been taken over by " + holder->value_or("nobody") +
                ", so no processor decides");
    parts_.posting->forget_overdue();
    // Who cannot send is told no time.
    if (auto trouble = parts_.posting->trouble())
      not_ready(*trouble);
    else if (auto wrong = parts_.signal->trouble(wall_clock()))
      not_ready(*wrong);
    if (auto trouble = parts_.desk->trouble()) not_ready("projectors: " + *trouble);
    if (parts_.desk->lag() > kReadLagMax) not_ready("projectors: all are more than 2 s behind");
    if (auto trouble = parts_.accounts->trouble()) not_ready("accounts: " + *trouble);
    if (parts_.accounts->lag() > kReadLagMax) not_ready("accounts: more than 2 s behind");
    const std::scoped_lock lock(mutex_);
    seen_ = std::move(seen);
  }

  gateway::Readiness seen() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

 private:
  const Parts& parts_;
  mutable std::mutex mutex_;
  gateway::Readiness seen_{.ready = false, .reasons = {"starting"}};  // guarded by mutex_
};

gateway::Services services_of(const Parts& parts, const Watch& watch) {
  return {.desk = *parts.desk,
          .accounts = *parts.accounts,
          .vault = *parts.vault,
          .submit =
              [&parts](processor::Submission&& submission) {
                return parts.posting->submit(std::move(submission));
              },
          .readiness = [&watch] { return watch.seen(); },
          .clock = wall_clock,
          .partitions = parts.log->partitions(),
          .metrics = {clock_metrics(parts.signal->time()), posting_metrics(*parts.posting)}};
}

/// Until asked to stop.
void look_after(gateway::Gateway& gateway, Watch& watch, ReadyFile& ready_file,
                const std::string& listen, std::optional<CertificateWatch>& certificates,
                Signals& signals) {
  const auto use = [&gateway](auto now) { gateway.use(std::move(now)); };
  ReadinessLines lines;
  do {
    watch.look();
    lines.look(watch.seen());
    ready_file.follow(watch.seen().ready, listen);
    if (!certificates) continue;
    if (signals.hung_up())
      certificates->reload(use);
    else
      certificates->look(use);
  } while (!signals.wait_for_stop(kLookEvery));
  ready_file.remove();
}

int serve(const Settings& settings) {
  const auto certificate = certificate_files(settings);
  Signals signals(certificate.has_value());
  gateway::Settings wanted = gateway_settings(settings);
  (void)projector_names(settings.text("projectors"));  // what is wrong is said at once
  std::optional<CertificateWatch> certificates;
  if (certificate) {
    certificates.emplace(*certificate);
    wanted.http.certificate = read_certificate(*certificate);
  }
  const std::string address = wanted.http.address;
  std::optional<EndAtOnce> starting(std::in_place, signals);
  const Parts parts = await_parts(settings, wanted.command_deadline);
  starting.reset();

  Watch watch(parts);
  gateway::Gateway gateway(std::move(wanted), services_of(parts, watch));
  ReadyFile ready_file(settings.optional_text("ready-file"));
  if (auto started = gateway.start(); !started)
    throw WrongSetting(fmt::format("setting listen: {}", started.error()));
  const std::string listen = authority(address, gateway.port());
  tell_listening(fmt::format("{}://{}", certificate ? "https" : "http", listen));
  look_after(gateway, watch, ready_file, listen, certificates, signals);
  journal::info("stopping", "stopping: answering what is under way");
  gateway.stop();
  journal::info("stopped", "stopped");
  return 0;
}

}  // namespace

int run_gateway(std::span<const std::string> arguments) {
  if (asks_for_help(arguments)) {
    fmt::print(
        "boxoffice gateway: HTTP in front of processors, one of several processes on Kafka\n\n{}",
        described(gateway_role_settings()));
    return 0;
  }
  const Settings settings(gateway_role_settings(), arguments, settings_of_all_roles());
  begin_logging(settings);
  try {
    return serve(settings);
  } catch (const std::invalid_argument& wrong) {
    throw WrongSetting(wrong.what());
  }
}

}  // namespace boxoffice::app
