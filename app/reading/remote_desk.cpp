#include "app/reading/remote_desk.hpp"

#include <fmt/format.h>

namespace boxoffice::app {
namespace {

using projections::transport::ProjectorName;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

ProjectorName projector_name(std::string_view text) {
  const auto endpoint = endpoint_from(text);
  if (!endpoint || endpoint->port == 0)
    throw WrongSetting(fmt::format(
        "setting projectors: must be HOST:PORT, several by commas, and '{}' is none", text));
  return {.host = endpoint->host, .port = endpoint->port};
}

}  // namespace

std::vector<ProjectorName> projector_names(std::string_view text) {
  std::vector<ProjectorName> names;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    names.push_back(projector_name(trimmed(text.substr(start, end - start))));
    start = end + 1;
  }
  return names;
}

std::unique_ptr<projections::transport::RemoteDesk> remote_desk(const Settings& settings,
                                                                std::string_view deployment) {
  return std::make_unique<projections::transport::RemoteDesk>(
      projections::transport::RemoteDeskSettings{
          .projectors = projector_names(settings.text("projectors")),
          .deployment = std::string(deployment)});
}

}  // namespace boxoffice::app
