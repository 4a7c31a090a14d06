#include "app/settings/projector_settings.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "app/settings/serve_settings.hpp"

namespace boxoffice::app {
namespace {

using enum SettingKind;

constexpr SettingRow kQueryListen{"query-listen", endpoint, "127.0.0.1:8090",
                                  "where gateways ask, HOST:PORT; port 0 takes a free one"};
/// Those that mean the same as for `serve`.
constexpr std::array<std::string_view, 6> kAsServe{
    "data", "brokers", "kafka-prefix", "kafka-properties", "ready-file", "log-level"};

std::vector<SettingRow> rows() {
  std::vector<SettingRow> rows{kQueryListen};
  for (const std::string_view name : kAsServe)
    rows.push_back(*std::ranges::find(serve_settings(), name, &SettingRow::name));
  return rows;
}

}  // namespace

std::span<const SettingRow> projector_settings() {
  static const std::vector<SettingRow> kRows = rows();
  return kRows;
}

}  // namespace boxoffice::app
