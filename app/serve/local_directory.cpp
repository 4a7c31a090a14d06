#include "app/serve/local_directory.hpp"

#include <fmt/format.h>

#include "app/serve/or_throw.hpp"
#include "app/settings/settings.hpp"

namespace boxoffice::app {
namespace {

namespace fs = std::filesystem;
using namespace event_log::embedded;

fs::path name_file(const fs::path& directory) { return directory / "DEPLOYMENT"; }

}  // namespace

LocalDirectory::LocalDirectory(const fs::path& directory, std::string_view deployment) {
  Files& files = real_files();
  require_no_embedded_log(directory);
  lock_.emplace(or_throw(lock_directory(files, directory)));
  const std::string line = fmt::format("deployment {}\n", deployment);
  if (!or_throw(files.exists(name_file(directory))))
    or_throw(publish(files, name_file(directory), line));
  const std::string found = or_throw(contents(files, name_file(directory)));
  if (found != line)
    throw WrongSetting(fmt::format(
        "setting data: {} says \"{}\", and the log is that of {}; give another directory, or "
        "delete its projections/, snapshots/, idempotency/ and DEPLOYMENT",
        name_file(directory).string(), found.substr(0, found.find('\n')), deployment));
}

void require_no_embedded_log(const fs::path& directory) {
  if (fs::exists(directory / "log"))
    throw WrongSetting(fmt::format("setting data: {} holds an embedded log; give another directory",
                                   directory.string()));
}

bool belongs_to_log_elsewhere(const fs::path& directory) {
  return fs::exists(name_file(directory));
}

void require_no_log_elsewhere(const fs::path& directory) {
  if (belongs_to_log_elsewhere(directory))
    throw WrongSetting(
        fmt::format("setting data: {} belongs to a process whose log is on Kafka. Where that is "
                    "`serve --log kafka`, tools work on it while it runs; where it is a processor "
                    "or projector, keys are made over HTTP at a gateway (POST /v1/keys; the first "
                    "one under its setting admin-key). Else give another directory",
                    directory.string()));
}

}  // namespace boxoffice::app
