#include "gateway/routes/time_zones.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace boxoffice::gateway {

// The file is zic's input in its short form: `Z NAME …` begins a zone, `L TARGET NAME` gives one
// another name; all other lines are rules and what follows a zone's first line.
TimeZones::TimeZones(const std::filesystem::path& file) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, target, name;
    words >> kind;
    if (kind == "L") words >> target;
    if ((kind == "Z" || kind == "L") && words >> name) names_.push_back(name);
  }
  if (names_.empty()) {
    throw std::runtime_error("there is no time zone database at " + file.string() +
                             "; the package tzdata has it");
  }
  std::ranges::sort(names_);
}

bool TimeZones::contain(std::string_view name) const {
  return std::ranges::binary_search(names_, name);
}

}  // namespace boxoffice::gateway
