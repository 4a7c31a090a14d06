// boxoffice_load: HTTP load for measuring, cheap enough to share two cores with what it measures.
// Prints one line of JSON.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "bench/load/bystanders.hpp"
#include "bench/load/load.hpp"
#include "bench/load/report.hpp"

namespace boxoffice::bench {
namespace {

struct Options {
  std::string target;
  double warmup_s = 1;
  double measured_s = 10;
  double rate = 0;
  std::uint64_t requests_max = 0;
  std::size_t connections = 64;
  std::uint64_t first = 0;
  std::size_t idle = 0;
  std::size_t slow = 0;
  std::string ledger;
  std::vector<std::string> occasions;
  std::vector<std::string> headers;
  std::string path = "/";
  std::string body;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("--target", options.target, "HOST:PORT, an IPv4 address")->required();
  app.add_option("--connections", options.connections, "Connections");
  app.add_option("--seconds", options.measured_s, "Seconds that are measured");
  app.add_option("--warmup", options.warmup_s, "Seconds before, not measured");
  app.add_option("--rate", options.rate, "Open loop: requests a second; closed loop without it");
  app.add_option("--requests", options.requests_max, "End after that many requests");
  app.add_option("--first", options.first,
                 "Number of the first request: claims of other runs have others");
  app.add_option("--idle", options.idle, "Idle connections held beside");
  app.add_option("--slow", options.slow, "Connections beside that send a byte each 100 ms");
  app.add_option("--header", options.headers, "A header line, 'Name: value'");
  app.add_option("--ledger", options.ledger, "Write each answered claim into this file");
}

void add_modes(CLI::App& app, Options& options) {
  app.require_subcommand(1);
  CLI::App* claims = app.add_subcommand("claims", "Claims from distinct addresses and IPs");
  claims->add_option("--occasion", options.occasions, "An occasion's id; several in turn")
      ->required();
  CLI::App* availability = app.add_subcommand("availability", "GET an occasion's availability");
  availability->add_option("--occasion", options.occasions)->required();
  CLI::App* get = app.add_subcommand("get", "GET any path");
  get->add_option("--path", options.path);
  CLI::App* post = app.add_subcommand("post", "POST any body to any path");
  post->add_option("--path", options.path);
  post->add_option("--body", options.body);
  for (CLI::App* mode : {claims, availability, get, post}) mode->fallthrough();
}

Requests requests_of(const CLI::App& app, const Options& options) {
  const auto chosen = [&app](const char* mode) { return app.got_subcommand(mode); };
  if (chosen("claims"))
    return Requests::claims(options.target, options.occasions, !options.ledger.empty(),
                            options.headers);
  if (chosen("post"))
    return Requests::fixed("POST", options.target, options.path, options.body, options.headers);
  const std::string path =
      chosen("get") ? options.path
                    : fmt::format("/v1/occasions/{}/availability", options.occasions.front());
  return Requests::fixed("GET", options.target, path, "", options.headers);
}

LoadSettings settings_of(const Options& options) {
  LoadSettings settings;
  settings.target = Target::parse(options.target);
  settings.connections = options.connections;
  settings.warmup = std::chrono::duration<double>(options.warmup_s);
  settings.measured = std::chrono::duration<double>(options.measured_s);
  if (options.rate > 0) settings.rate = options.rate;
  if (options.requests_max > 0) settings.requests_max = options.requests_max;
  settings.first_number = options.first;
  return settings;
}

int run(int argc, char** argv) {
  CLI::App app("HTTP load for measuring");
  Options options;
  add_options(app, options);
  add_modes(app, options);
  CLI11_PARSE(app, argc, argv);

  std::ofstream ledger;
  std::function<void(std::uint64_t, const Response&)> answered;
  if (!options.ledger.empty()) {
    ledger.open(options.ledger, std::ios::binary);
    answered = [&ledger](std::uint64_t number, const Response& response) {
      ledger << Requests::idempotency_key(number) << '\t' << Requests::email(number) << '\t'
             << Requests::ip(number) << '\t' << response.status << '\t' << response.body << '\n';
    };
  }

  const LoadSettings settings = settings_of(options);
  Requests requests = requests_of(app, options);
  const Bystanders bystanders(
      {.target = settings.target, .idle = options.idle, .slow = options.slow});
  const LoadResult result = run_load(settings, requests, answered);
  fmt::print("{}\n", report(settings, result, bystanders.idle_closed(), bystanders.slow_closed()));
  return result.answered > 0 ? 0 : 1;
}

}  // namespace
}  // namespace boxoffice::bench

int main(int argc, char** argv) {
  try {
    return boxoffice::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "boxoffice_load: {}\n", error.what());
    return 1;
  }
}
