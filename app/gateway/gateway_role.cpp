#include "app/gateway/gateway_role.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "app/gateway/posting.hpp"
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

namespace boxoffice::app {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr std::chrono::milliseconds kLagMax{2000};
/// In an outage a look lasts that long.
constexpr std::chrono::milliseconds kReadTimeout{3000};

/// Whoever decides makes the topics, perhaps later than this starts. nullptr: asked to stop before.
std::unique_ptr<event_log::Log> await_log(const Settings& settings, Signals& signals) {
  std::string told;
  for (;;) {
    std::string why;
    if (auto log = open_log_to_look_at(settings, kReadTimeout, why)) return log;
    if (why != told) spdlog::warn("the log is not there yet: {}", why);
    told = why;
    if (signals.wait_for_stop(kLookEvery)) return nullptr;
  }
}

/// nullptr: asked to stop before.
std::unique_ptr<sealing::Vault> await_vault(event_log::Log& log, const Settings& settings,
                                            Signals& signals) {
  bool is_told = false;
  for (;;) {
    if (auto vault = open_vault_of(log, settings)) return vault;
    if (!std::exchange(is_told, true))
      spdlog::info(
          "waiting for the first processor: the log does not say yet with which secrets it was "
          "made");
    if (signals.wait_for_stop(kLookEvery)) return nullptr;
  }
}

/// Whether this gateway can do its work, as seen lately: looking waits for brokers, and whoever
/// asks must not.
class Watch {
 public:
  Watch(event_log::Log& log, Posting& posting, const projections::transport::RemoteDesk& desk,
        const projections::Accounts& accounts)
      : log_(log), posting_(posting), desk_(desk), accounts_(accounts) {}

  void look() {
    gateway::Readiness seen;
    auto not_ready = [&](std::string why) {
      seen.ready = false;
      seen.reasons.push_back(std::move(why));
    };
    const auto holder = holder_of(log_);
    if (!holder) not_ready("the log: " + holder.error().message);
    if (holder && *holder != std::string(kProcessors))
      not_ready("the log has been taken over by " + holder->value_or("nobody") +
                ", so no processor decides");
    if (auto trouble = posting_.trouble()) not_ready("replies: " + *trouble);
    posting_.forget_overdue();
    if (auto trouble = posting_.commands().clock_trouble()) not_ready("the clock " + *trouble);
    if (auto trouble = desk_.trouble()) not_ready("projectors: " + *trouble);
    if (desk_.lag() > kLagMax) not_ready("projectors: all are more than 2 s behind");
    if (accounts_.lag() > kLagMax) not_ready("accounts: more than 2 s behind");
    const std::scoped_lock lock(mutex_);
    seen_ = std::move(seen);
  }

  gateway::Readiness seen() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

 private:
  event_log::Log& log_;
  Posting& posting_;
  const projections::transport::RemoteDesk& desk_;
  const projections::Accounts& accounts_;
  mutable std::mutex mutex_;
  gateway::Readiness seen_{.ready = false, .reasons = {"starting"}};  // guarded by mutex_
};

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
  const auto log = await_log(settings, signals);
  if (!log) return 0;
  const auto vault = await_vault(*log, settings, signals);
  if (!vault) return 0;
  event_log::KafkaSettings kafka = kafka_connection(settings);
  kafka.on_log = LogLines();
  kafka.partitions = log->partitions();
  Posting posting(kafka, log->deployment(), static_cast<std::size_t>(settings.number("inbox")),
                  wanted.command_deadline);
  const auto desk = remote_desk(settings, log->deployment());
  // After the desk: who waits for an account as this ends goes on to ask there.
  const auto accounts = follow_accounts(kafka);
  if (!accounts) throw std::runtime_error(accounts.error().message);

  Watch watch(*log, posting, *desk, **accounts);
  gateway::Gateway gateway(std::move(wanted), {.desk = *desk,
                                               .accounts = **accounts,
                                               .vault = *vault,
                                               .submit =
                                                   [&](processor::Submission&& submission) {
                                                     return posting.submit(std::move(submission));
                                                   },
                                               .readiness = [&] { return watch.seen(); },
                                               .clock = wall_clock,
                                               .partitions = log->partitions(),
                                               .metrics = {}});
  ReadyFile ready_file(settings.optional_text("ready-file"));
  if (auto started = gateway.start(); !started)
    throw WrongSetting(fmt::format("setting listen: {}", started.error()));
  const std::string listen = authority(address, gateway.port());
  spdlog::info("listening on {}://{}", certificate ? "https" : "http", listen);
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
  spdlog::info("stopping: answering what is under way");
  gateway.stop();
  spdlog::info("stopped");
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
