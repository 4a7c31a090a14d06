#include "app/serve/serve.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <utility>

#include "app/admin/admin.hpp"
#include "app/history/read_models_tool.hpp"
#include "app/serve/certificate_watch.hpp"
#include "app/serve/engine.hpp"
#include "app/serve/listening.hpp"
#include "app/serve/metrics.hpp"
#include "app/serve/open_files.hpp"
#include "app/serve/process.hpp"
#include "app/serve/readiness_lines.hpp"
#include "app/serve/ready_file.hpp"
#include "app/settings/gateway_settings.hpp"
#include "app/settings/role_settings.hpp"
#include "app/settings/serve_settings.hpp"
#include "app/settings/subcommands.hpp"
#include "gateway/gateway.hpp"
#include "journal/journal.hpp"
#include "replay-tools/open_history.hpp"

namespace boxoffice::app {
namespace {

/// A log keeps the number of partitions that it was made with.
void tell_partitions(const Settings& settings, std::uint16_t in_force) {
  if (settings.number("partitions") == in_force) return;
  const bool was_asked_for = !settings.is_default("partitions");
  journal::Line(was_asked_for ? journal::Level::warning : journal::Level::info, "setting_odd",
                fmt::format("setting partitions: {} are in force, for the log was made with them; "
                            "{} would be taken for a new one",
                            in_force, settings.number("partitions")));
}

/// As many as are wanted and fit into what the process may have open beside its other files.
std::size_t connections_max(const Settings& settings, std::size_t files) {
  const auto wanted = static_cast<std::size_t>(settings.number("connections-max"));
  const std::size_t kept = files_kept_from_connections(files);
  if (wanted <= files - kept) return wanted;
  journal::warning(
      "setting_odd",
      fmt::format("setting connections-max: at most {} are held, not {}, for this process may have "
                  "{} files open, and keeps {} for its log and read models; raise its limit "
                  "(ulimit -Hn)",
                  files - kept, wanted, files, kept));
  return files - kept;
}

gateway::limits::Rate rate(const Settings& settings, std::string_view what,
                           std::string_view unit = "second") {
  return {.per_second = static_cast<std::uint32_t>(
              settings.number(fmt::format("limit-{}-per-{}", what, unit))),
          .burst = static_cast<std::uint32_t>(settings.number(fmt::format("limit-{}-burst", what))),
          .window = std::chrono::seconds(unit == "minute" ? 60 : 1)};
}

std::vector<std::string> split_by_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    const auto begin = text.find_first_not_of(' ', start);
    if (begin < end)
      parts.emplace_back(text.substr(begin, text.find_last_not_of(' ', end - 1) + 1 - begin));
    start = end + 1;
  }
  return parts;
}

}  // namespace

gateway::Settings gateway_settings(const Settings& settings) {
  constexpr std::size_t kAdminKeyLengthMin = 16;
  gateway::Settings result;
  const Endpoint listen = settings.endpoint("listen");
  result.http = {.address = listening_address(listen.host),
                 .port = listen.port,
                 .threads = static_cast<unsigned>(settings.number("threads")),
                 .connections_max = connections_max(settings, raise_limit_of_open_files()),
                 .header_bytes_max = static_cast<std::size_t>(settings.number("header-bytes-max")),
                 .body_bytes_max = static_cast<std::size_t>(settings.number("body-bytes-max")),
                 .request_timeout = settings.duration("request-timeout-ms"),
                 .idle_timeout = settings.duration("idle-timeout-ms"),
                 .write_timeout = settings.duration("write-timeout-ms"),
                 .drain_timeout = settings.duration("drain-timeout-ms")};
  result.limits.on = settings.on("limits");
  result.limits.ip = rate(settings, "ip");
  result.limits.principal = rate(settings, "key");
  result.limits.device = rate(settings, "device");
  result.limits.sign_in = rate(settings, "sign-in", "minute");
  result.limits.buckets = static_cast<std::size_t>(settings.number("limit-buckets"));
  if (const auto key = settings.optional_text("admin-key")) {
    if (key->size() < kAdminKeyLengthMin)
      throw WrongSetting(
          fmt::format("setting admin-key: must have {} characters or more", kAdminKeyLengthMin));
    result.admin_key_hash = sealing::Vault::key_hash(*key);
  }
  if (const auto proxies = settings.optional_text("trusted-proxies"))
    result.trusted_proxies = split_by_commas(*proxies);
  result.command_deadline = settings.duration("command-deadline-ms");
  result.command_wait = result.command_deadline + std::chrono::seconds(2);
  result.read_wait = settings.duration("read-wait-ms");
  return result;
}

namespace {

gateway::Readiness readiness(Engine& engine) {
  gateway::Readiness result;
  auto not_ready = [&](std::string why) {
    result.ready = false;
    result.reasons.push_back(std::move(why));
  };
  if (const auto by = engine.successor())
    not_ready("the log has been taken over by " + *by + "; this service ends");
  if (const auto trouble = engine.log_trouble()) not_ready("the log: " + *trouble);
  if (const auto status = engine.deciding().status(); !status.ready)
    not_ready("deciding: " + status.reason);
  if (engine.deciding().stats().clock_behind_ms > 5000)
    not_ready("deciding: the clock is more than 5 s behind what it or history has shown");
  if (const auto trouble = engine.key_trouble()) not_ready("idempotency keys: " + *trouble);
  if (const auto trouble = engine.models().trouble()) not_ready("read models: " + *trouble);
  if (!engine.models().ready()) not_ready("read models: catching up with the log");
  if (engine.queries().lag() > kReadLagMax) not_ready("read models: more than 2 s behind");
  return result;
}

gateway::Services services(Engine& engine) {
  return {.desk = engine.desk(),
          .accounts = engine.queries(),
          .vault = engine.vault(),
          .submit =
              [&engine](processor::Submission&& submission) {
                return engine.submit(std::move(submission));
              },
          .readiness = [&engine] { return readiness(engine); },
          .clock = wall_clock,
          .partitions = engine.log().partitions(),
          .metrics = {engine_metrics(engine)}};
}

constexpr std::chrono::milliseconds kLookEvery{500};

/// What no waiting mends, for it lies in what is kept; nullopt: nothing of that kind.
std::optional<std::string> fault(Engine& engine) {
  auto status = engine.deciding().status();
  return status.retry_helps ? std::nullopt : std::optional(std::move(status.reason));
}

/// Whether there is no more to do: what is kept is at fault, or the log has another service now.
bool is_over(Engine& engine) { return fault(engine) || engine.successor(); }

/// False: asked to stop before, or it will never be.
bool wait_until_ready(Engine& engine, Signals& signals, ReadinessLines& lines) {
  auto look_at = std::chrono::steady_clock::now() + kLookEvery;
  while (!readiness(engine).ready) {
    if (signals.wait_for_stop(std::chrono::milliseconds(2)) || is_over(engine)) return false;
    if (std::chrono::steady_clock::now() < look_at) continue;
    lines.look(readiness(engine));
    look_at += kLookEvery;
  }
  return true;
}

/// The exit code.
int serve(const Settings& settings) {
  const auto certificate = certificate_files(settings);
  Signals signals(certificate.has_value());
  gateway::Settings gateway_wanted = gateway_settings(settings);
  std::optional<CertificateWatch> watch;
  if (certificate) {
    watch.emplace(*certificate);
    gateway_wanted.http.certificate = read_certificate(*certificate);
  }
  const std::string address = gateway_wanted.http.address;
  std::optional<EndAtOnce> starting(std::in_place, signals);
  Engine engine(settings);
  starting.reset();
  // Only now, for until the directory is ours the file may be that of a service that runs.
  ReadyFile ready_file(settings.optional_text("ready-file"));
  tell_partitions(settings, engine.log().partitions());
  auto handlers = key_handlers(engine);
  if (engine.has_log_in_directory())
    handlers.emplace("checkpoint", replay::checkpoint_handler(engine.directory()));
  auto control = control::Server::start(engine.directory(), std::move(handlers),
                                        read_models_handlers(engine.models()));
  if (!control) throw std::runtime_error(control.error());

  gateway::Gateway gateway(std::move(gateway_wanted), services(engine));
  if (auto started = gateway.start(); !started)
    throw WrongSetting(fmt::format("setting listen: {}", started.error()));
  const std::string listen = authority(address, gateway.port());
  tell_listening(fmt::format("{}://{}", certificate ? "https" : "http", listen));
  const auto use = [&gateway](auto now) { gateway.use(std::move(now)); };

  ReadinessLines lines;
  if (wait_until_ready(engine, signals, lines)) {
    do {
      const gateway::Readiness now = readiness(engine);
      lines.look(now);
      ready_file.follow(now.ready, listen);
      if (!watch) continue;
      if (signals.hung_up())
        watch->reload(use);
      else
        watch->look(use);
    } while (!signals.wait_for_stop(kLookEvery) && !is_over(engine));
  }
  // What ended it: on the way to its end another attempt may tell something else.
  auto why = fault(engine);
  const bool is_taken_over = engine.successor().has_value();
  lines.look(readiness(engine));
  ready_file.remove();
  journal::info("stopping", "stopping: answering what is under way");
  gateway.stop();
  control->reset();
  engine.stop();
  journal::info("stopped", "stopped");
  if (why) throw std::runtime_error(std::move(*why));
  return is_taken_over ? kTakenOver : 0;
}

}  // namespace

int run_serve(std::span<const std::string> arguments) {
  if (asks_for_help(arguments)) {
    fmt::print("boxoffice serve: everything in one process, on the embedded log or on Kafka\n\n{}",
               described(serve_settings()));
    return 0;
  }
  const Settings settings(serve_settings(), arguments, settings_of_all_roles());
  begin_logging(settings);
  try {
    return serve(settings);
  } catch (const std::invalid_argument& wrong) {
    throw WrongSetting(wrong.what());
  }
}

}  // namespace boxoffice::app
