#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/admin/admin.hpp"
#include "app/demo/demo.hpp"
#include "app/gateway/gateway_role.hpp"
#include "app/history/read_models_tool.hpp"
#include "app/processor/processor_role.hpp"
#include "app/projector/projector.hpp"
#include "app/serve/opened_log.hpp"
#include "app/serve/serve.hpp"
#include "app/settings/settings.hpp"
#include "journal/journal.hpp"
#include "replay-tools/commands.hpp"
#include "replay-tools/log_commands.hpp"

namespace {

constexpr std::string_view kUsage =
    R"(boxoffice serve     the service: everything in one process, on the embedded log or on Kafka
boxoffice gateway   HTTP in front of processors; one of several processes on Kafka
boxoffice processor decides; one of several processes on Kafka
boxoffice projector read models of a log on Kafka, for gateways to ask
boxoffice admin     keys, made on the console
boxoffice replay    look into the history and check it
boxoffice log       copy a log: from a directory to Kafka, and back
boxoffice demo      an occasion to click through, a burst of claims
boxoffice version

Each says more with --help.
)";

int run(const std::vector<std::string>& arguments) {
  using namespace boxoffice;
  const std::string_view what =
      arguments.empty() ? std::string_view("--help") : std::string_view(arguments[0]);
  const std::span<const std::string> rest = std::span(arguments).subspan(arguments.empty() ? 0 : 1);
  if (what == "serve") return app::run_serve(rest);
  if (what == "gateway") return app::run_gateway(rest);
  if (what == "processor") return app::run_processor(rest);
  if (what == "projector") return app::run_projector(rest);
  if (what == "admin") return app::run_admin(rest);
  if (what == "replay")
    return replay::run_replay(
        rest, {.read_models = app::run_read_models, .open_kafka = app::open_kafka_for_reading});
  if (what == "log")
    return replay::run_log(rest, std::cout, std::cerr,
                           {.open_kafka_for_reading = app::open_kafka_for_reading,
                            .open_kafka_for_copying = app::open_kafka_for_copying,
                            .open_directory_for_copying = app::open_directory_for_copying,
                            .claim = app::claim_for_copying});
  if (what == "demo") return app::run_demo(rest);
  if (what == "version" || what == "--version") {
    fmt::print("boxoffice {}\n", BOXOFFICE_VERSION);
    return 0;
  }
  fmt::print("{}", kUsage);
  return what == "--help" || what == "-h" || what == "help" ? 0 : 2;
}

/// Why it ends: the last line of a service's log, and all that a tool has to say.
int fail(int exit_code, std::string_view why) {
  if (boxoffice::journal::has_begun())
    boxoffice::journal::error("failed", why).with("exit_code", exit_code);
  else
    fmt::print(stderr, "boxoffice: {}\n", why);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow (ulimit -f) is an error of the disk
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const boxoffice::app::WrongSetting& wrong) {
    return fail(2, wrong.what());
  } catch (const std::exception& error) {
    return fail(1, error.what());
  }
}
