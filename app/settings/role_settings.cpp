#include "app/settings/role_settings.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "app/settings/serve_settings.hpp"

namespace boxoffice::app {
namespace {

/// Of processes that serve nothing else.
constexpr SettingRow kStatus{"listen", SettingKind::endpoint, "",
                             "where to tell how it is, HOST:PORT: /healthz, /readyz, /metrics"};

/// Rows of `serve` by name.
std::vector<SettingRow> of_serve(std::initializer_list<std::string_view> names) {
  std::vector<SettingRow> rows;
  for (const std::string_view name : names)
    rows.push_back(*std::ranges::find(serve_settings(), name, &SettingRow::name));
  return rows;
}

}  // namespace

std::span<const SettingRow> processor_settings() {
  static const std::vector<SettingRow> rows = [] {
    std::vector<SettingRow> of_processors =
        of_serve({"data", "partitions", "brokers", "kafka-prefix", "kafka-properties",
                  "kafka-replication-factor", "kafka-min-insync-replicas", "kafka-create-topics",
                  "ready-file", "master-key", "pepper", "idempotency-window-ms",
                  "snapshot-every-ms", "log-level"});
    of_processors.push_back(kStatus);
    of_processors.push_back({"session-timeout-ms", SettingKind::duration, "10000",
                             "silent for so long, it loses its partitions", 1000, 1'800'000});
    return of_processors;
  }();
  return rows;
}

std::span<const SettingRow> gateway_role_settings() {
  static const std::vector<SettingRow> rows = [] {
    constexpr std::array<std::string_view, 7> kOfProcessors{"log",
                                                            "partitions",
                                                            "kafka-replication-factor",
                                                            "kafka-min-insync-replicas",
                                                            "kafka-create-topics",
                                                            "idempotency-window-ms",
                                                            "snapshot-every-ms"};
    std::vector<SettingRow> of_gateways;
    for (const SettingRow& row : serve_settings())
      if (std::ranges::find(kOfProcessors, row.name) == kOfProcessors.end())
        of_gateways.push_back(row);
    const auto means = [&](std::string_view name, std::string_view meaning) {
      std::ranges::find(of_gateways, name, &SettingRow::name)->meaning = meaning;
    };
    means("data", "the directory of master.key and pepper.key, where they are files");
    means("master-key", "64 hex digits; without it DIR/master.key, as a processor has it");
    means("pepper", "64 hex digits; without it DIR/pepper.key, as a processor has it");
    means("inbox", "commands under way");
    of_gateways.push_back({"projectors", SettingKind::text, "",
                           "where projectors answer questions, HOST:PORT, several by commas"});
    return of_gateways;
  }();
  return rows;
}

std::span<const SettingRow> projector_settings() {
  static const std::vector<SettingRow> rows = [] {
    std::vector<SettingRow> of_projectors = of_serve(
        {"data", "brokers", "kafka-prefix", "kafka-properties", "ready-file", "log-level"});
    of_projectors.push_back({"query-listen", SettingKind::endpoint, "127.0.0.1:8090",
                             "where gateways ask, HOST:PORT; port 0 takes a free one"});
    of_projectors.push_back(kStatus);
    return of_projectors;
  }();
  return rows;
}

std::span<const SettingRow> settings_of_all_roles() {
  static const std::vector<SettingRow> rows = [] {
    std::vector<SettingRow> all(serve_settings().begin(), serve_settings().end());
    for (const auto& of_role :
         {processor_settings(), gateway_role_settings(), projector_settings()})
      for (const SettingRow& row : of_role)
        if (std::ranges::find(all, row.name, &SettingRow::name) == all.end()) all.push_back(row);
    return all;
  }();
  return rows;
}

}  // namespace boxoffice::app
