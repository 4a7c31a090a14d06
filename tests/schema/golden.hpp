#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "events-schema/codec.hpp"

/// The files of events-schema/golden.
namespace boxoffice::schema_test {

struct GoldenFile {
  std::string name;
  int version;
  std::vector<std::string> lines;
};

inline std::vector<std::string> golden_lines(const std::string& file) {
  std::ifstream in(std::filesystem::path(GOLDEN_FOLDER) / file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

inline GoldenFile golden(std::string_view name, int version) {
  const std::string file = std::string(name) + ".v" + std::to_string(version) + ".json";
  return {std::string(name), version, golden_lines(file)};
}

/// A golden file for each alternative of `Variant`.
template <class Variant, std::size_t... I>
std::vector<GoldenFile> golden_files(std::index_sequence<I...>) {
  return {golden(std::variant_alternative_t<I, Variant>::kName,
                 std::variant_alternative_t<I, Variant>::kVersion)...};
}
template <class Variant>
std::vector<GoldenFile> golden_files() {
  return golden_files<Variant>(std::make_index_sequence<std::variant_size_v<Variant>>{});
}

/// A golden file for each schema of an event that there is, also of versions that no longer are
/// alternatives of `Event`.
inline std::vector<GoldenFile> golden_events_of_all_versions() {
  std::vector<GoldenFile> files;
  const auto schemas = std::filesystem::path(GOLDEN_FOLDER).parent_path() / "events";
  for (const auto& schema : std::filesystem::directory_iterator(schemas)) {
    const std::string file = schema.path().filename();  // <name>.v<version>.json
    const std::size_t dot = file.find(".v");
    files.push_back(golden(file.substr(0, dot), std::stoi(file.substr(dot + 2))));
  }
  return files;
}

}  // namespace boxoffice::schema_test
