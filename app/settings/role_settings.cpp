#include "app/settings/role_settings.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "app/settings/serve_settings.hpp"

namespace boxoffice::app {
namespace {

struct Preset {
  std::string_view name;
  std::string_view preset;
};

/// Rows of `serve` by name; where a preset is given, with that.
std::vector<SettingRow> of_serve(std::initializer_list<Preset> wanted) {
  std::vector<SettingRow> rows;
  for (const auto& [name, preset] : wanted) {
    rows.push_back(*std::ranges::find(serve_settings(), name, &SettingRow::name));
    if (!preset.empty()) rows.back().preset = preset;
  }
  return rows;
}

}  // namespace

std::span<const SettingRow> processor_settings() {
  static const std::vector<SettingRow> rows = of_serve({{"listen", "127.0.0.1:8081"},
                                                        {"data", ""},
                                                        {"partitions", ""},
                                                        {"kafka-brokers", ""},
                                                        {"kafka-prefix", ""},
                                                        {"kafka-properties", ""},
                                                        {"kafka-replication-factor", ""},
                                                        {"kafka-min-insync-replicas", ""},
                                                        {"kafka-create-topics", ""},
                                                        {"ready-file", ""},
                                                        {"master-key", ""},
                                                        {"pepper", ""},
                                                        {"idempotency-window-ms", ""},
                                                        {"snapshot-every-ms", ""},
                                                        {"log-level", ""}});
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
    of_gateways.push_back({"projectors", SettingKind::text, "",
                           "where projectors answer questions, HOST:PORT, several by commas"});
    return of_gateways;
  }();
  return rows;
}

}  // namespace boxoffice::app
