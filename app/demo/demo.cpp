#include "app/demo/demo.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "app/demo/http_client.hpp"
#include "app/settings/subcommands.hpp"

namespace boxoffice::app {
namespace {

using Clock = std::chrono::steady_clock;
using enum SettingKind;

constexpr std::string_view kName = "Winter Gala";
constexpr std::array kSeedSettings{
    SettingRow{"url", text, "http://127.0.0.1:8080", "where the service listens"},
    SettingRow{"key", text, "", "a key of an admin or organizer", 0, INT64_MAX, {}, true},
    SettingRow{"capacity", number, "100000", "tickets in each of the two pools", 1, 50'000'000},
};
constexpr std::array kLoadSettings{
    SettingRow{"url", text, "http://127.0.0.1:8080", "where the service listens"},
    SettingRow{"occasion", text, "", "an open occasion's id; without it the demo's"},
    SettingRow{"claims", number, "20000", "how many claims to post", 1, 100'000'000},
    SettingRow{"connections", number, "32", "connections to post them over", 1, 1024},
};

/// A text member of an answer; nullopt: it has none of that name.
std::optional<std::string> member(std::string_view json, std::string_view name) {
  thread_local simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(json))[name].get(text)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> demo_occasion(HttpClient& client) {
  const std::string list = client.send("GET", "/v1/occasions?limit=500", "").body;
  simdjson::dom::parser parser;
  simdjson::dom::array occasions;
  if (parser.parse(list)["items"].get(occasions))
    throw std::runtime_error("what answers there is no Boxoffice: " + list);
  for (const simdjson::dom::element occasion : occasions) {
    std::string_view id, name;
    if (!occasion["id"].get(id) && !occasion["name"].get(name) && name == kName)
      return std::string(id);
  }
  return std::nullopt;
}

void expect(const HttpAnswer& answer, unsigned status, std::string_view doing) {
  if (answer.status != status)
    throw std::runtime_error(fmt::format("{}: {} {}", doing, answer.status, answer.body));
}

std::string make_occasion(HttpClient& client, const HttpClient::Headers& key,
                          std::int64_t capacity) {
  const HttpAnswer made = client.send(
      "POST", "/v1/occasions",
      fmt::format(
          R"({{"name":"{}","starts_at":"2027-01-16T19:00:00.000Z","time_zone":"Europe/Berlin",)"
          R"("venue":"Town Hall","pools":[{{"name":"stalls","capacity":{}}},{{"name":"balcony","capacity":{}}}],)"
          R"("claims":{{"ttl_ms":300000,"one_per_ip":false}}}})",
          kName, capacity, capacity),
      key);
  expect(made, 201, "making the demo occasion");
  const std::string id = member(made.body, "id").value();
  expect(client.send("POST", fmt::format("/v1/occasions/{}/open", id), "", key), 200, "opening it");
  return id;
}

int seed(const Settings& settings) {
  HttpClient client(settings.text("url"));
  std::optional<std::string> occasion = demo_occasion(client);
  if (!occasion) {
    const HttpClient::Headers key{{"Authorization", "Bearer " + settings.text("key")}};
    occasion = make_occasion(client, key, settings.number("capacity"));
  }
  const std::string url = settings.text("url");
  fmt::print(R"(
The demo occasion is "{name}": {url}/v1/occasions/{id}

Claim a ticket, and see what is left:
  curl -s {url}/v1/occasions/{id}/claims -H 'Content-Type: application/json' -d '{{"email":"ada@example.org"}}'
  curl -s {url}/v1/occasions/{id}/availability

Confirm it with the claim's id and token:
  curl -s {url}/v1/occasions/{id}/claims/CLAIM/confirm -H 'Content-Type: application/json' -d '{{"token":"TOKEN"}}'

The history, as an auditor sees it:
  curl -s '{url}/v1/audit?occasion={id}' -H "Authorization: Bearer $KEY"

All that the service offers: {url}/docs
)",
             fmt::arg("name", kName), fmt::arg("url", url), fmt::arg("id", *occasion));
  return 0;
}

/// What came of a burst, counted by many threads.
class Tally {
 public:
  void add(unsigned status, const std::string& body, Clock::duration took) {
    const std::string name = status == 201
                                 ? "201 claimed"
                                 : fmt::format("{} {}", status, member(body, "name").value_or("?"));
    std::lock_guard lock(mutex_);
    auto found = std::ranges::find(counts_, name, &std::pair<std::string, std::size_t>::first);
    if (found == counts_.end()) found = counts_.insert(counts_.end(), {name, 0});
    ++found->second;
    micros_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  }
  std::size_t answered() {
    std::lock_guard lock(mutex_);
    return micros_.size();
  }
  void print(double seconds) {
    std::lock_guard lock(mutex_);
    std::ranges::sort(micros_);
    auto quantile = [&](double q) {
      return micros_.empty()
                 ? 0.0
                 : micros_[static_cast<std::size_t>(q * double(micros_.size() - 1))] / 1000.0;
    };
    fmt::print(
        "\r{} answers in {:.1f} s: {:.0f} a second; half within {:.1f} ms, 99 of 100 within {:.1f} "
        "ms\n",
        micros_.size(), seconds, double(micros_.size()) / seconds, quantile(0.5), quantile(0.99));
    for (const auto& [name, count] : counts_) fmt::print("  {:<24}{}\n", name, count);
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::size_t>> counts_;
  std::vector<std::uint32_t> micros_;
};

/// A client address of its own for each claim, so that limits for one IP don't meet the whole burst
/// (the service must trust this host as a proxy).
std::string address_of(std::uint64_t number) {
  return fmt::format("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
}

int load(const Settings& settings) {
  const std::string url = settings.text("url");
  const std::string occasion = [&] {
    HttpClient client(url);
    if (auto given = settings.optional_text("occasion")) {
      expect(client.send("GET", "/v1/occasions/" + *given, ""), 200, "looking for the occasion");
      return *given;
    }
    auto found = demo_occasion(client);
    if (!found)
      throw std::runtime_error("there is no demo occasion yet: boxoffice demo seed makes it");
    return *found;
  }();
  const auto claims = static_cast<std::uint64_t>(settings.number("claims"));
  const std::uint64_t run = std::random_device{}();
  const std::string target = fmt::format("/v1/occasions/{}/claims", occasion);
  std::atomic<std::uint64_t> next = 0;
  Tally tally;
  const auto begun = Clock::now();
  auto post_some = [&] {
    HttpClient client(url);
    for (std::uint64_t number; (number = next++) < claims;) {
      const auto sent = Clock::now();
      const HttpAnswer answer = client.send(
          "POST", target, fmt::format(R"({{"email":"guest-{:x}-{}@example.org"}})", run, number),
          {{"X-Forwarded-For", address_of(number + run)}});
      tally.add(answer.status, answer.body, Clock::now() - sent);
    }
  };
  auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  std::atomic<std::int64_t> running = settings.number("connections");
  std::atomic<bool> failed = false;
  std::vector<std::jthread> threads;
  for (std::int64_t i = 0; i < settings.number("connections"); ++i)
    threads.emplace_back([&] {
      try {
        post_some();
      } catch (const std::exception& error) {
        if (!failed.exchange(true)) fmt::print(stderr, "\n{}\n", error.what());
      }
      --running;
      running.notify_all();
    });
  while (running > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    fmt::print("\r{} of {} claims answered, {:.0f} a second ", tally.answered(), claims,
               double(tally.answered()) / seconds());
    std::fflush(stdout);
  }
  threads.clear();
  tally.print(seconds());
  return failed ? 1 : 0;
}

}  // namespace

int run_demo(std::span<const std::string> arguments) {
  constexpr std::array kSubcommands{
      Subcommand{"seed", "makes the demo occasion and says what to try", kSeedSettings, seed},
      Subcommand{"load", "posts a burst of claims and says what came of it", kLoadSettings, load}};
  return run_subcommand("demo", kSubcommands, arguments);
}

}  // namespace boxoffice::app
