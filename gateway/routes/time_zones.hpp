#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::gateway {

/// The names in the IANA time zone database as the system has it (Debian's package tzdata), old
/// names that link to newer ones included. Read once; immutable.
class TimeZones {
 public:
  static constexpr std::string_view kFile = "/usr/share/zoneinfo/tzdata.zi";

  /// Throws std::runtime_error where the file cannot be read or names no zone.
  explicit TimeZones(const std::filesystem::path& file = kFile);

  bool contain(std::string_view name) const;

 private:
  std::vector<std::string> names_;  ///< sorted
};

}  // namespace boxoffice::gateway
