// Golden files: what stands in them stands on some log, so it must be read for ever, and written
// again byte for byte.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "tests/schema/padded.hpp"

namespace boxoffice::schema {
namespace {

using schema_test::Padded;

struct GoldenFile {
  std::string name;
  int version;
  std::vector<std::string> lines;
};

GoldenFile golden(std::string_view name, int version) {
  const std::string file = std::string(name) + ".v" + std::to_string(version) + ".json";
  std::ifstream in(std::filesystem::path(GOLDEN_FOLDER) / file);
  GoldenFile golden{std::string(name), version, {}};
  for (std::string line; std::getline(in, line);) golden.lines.push_back(line);
  return golden;
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

TEST(GoldenFiles, AreThereForEachEventAndCommand) {
  for (const GoldenFile& file : golden_files<Event>())
    EXPECT_FALSE(file.lines.empty()) << file.name;
  for (const GoldenFile& file : golden_files<Command>())
    EXPECT_FALSE(file.lines.empty()) << file.name;
}

TEST(GoldenEvents, AreWrittenAsTheyWereRead) {
  Reader reader;
  Envelope envelope;
  Event event;
  for (const GoldenFile& file : golden_files<Event>())
    for (const std::string& line : file.lines) {
      const auto read = reader.event(Padded(line), envelope, event);
      ASSERT_TRUE(read) << file.name << read.error().pointer << " " << read.error().detail;
      EXPECT_EQ(name_of(event), file.name);
      std::string written;
      write_event(written, envelope, event);
      EXPECT_EQ(written, line);
      EXPECT_TRUE(is_canonical(line, envelope, event));
    }
}

TEST(GoldenEvents, HaveDataThatIsReadAlone) {
  Reader reader;
  for (const GoldenFile& file : golden_files<Event>())
    for (const std::string& line : file.lines) {
      std::string data = line.substr(line.find(",\"data\":") + 8);
      data.pop_back();
      Event event;
      ASSERT_TRUE(reader.event_data(file.name, file.version, Padded(data), event)) << line;
      std::string written;
      write_data(written, event);
      EXPECT_EQ(written, data);
    }
}

TEST(GoldenCommands, AreWrittenAsTheyWereRead) {
  Reader reader;
  Command command;
  for (const GoldenFile& file : golden_files<Command>())
    for (const std::string& line : file.lines) {
      const auto read = reader.command_data(file.name, file.version, Padded(line), command);
      ASSERT_TRUE(read) << file.name << read.error().pointer << " " << read.error().detail;
      EXPECT_EQ(name_of(command), file.name);
      std::string written;
      write_data(written, command);
      EXPECT_EQ(written, line);
    }
}

TEST(CanonicalForm, IsToldFromOtherFormsOfTheSameEvent) {
  const std::string line = golden("KeyUsed", 1).lines.front();
  std::string spaced = line;
  spaced.insert(1, " ");
  Reader reader;
  Envelope envelope;
  Event event;
  ASSERT_TRUE(reader.event(Padded(spaced), envelope, event));
  EXPECT_FALSE(is_canonical(spaced, envelope, event));
  EXPECT_TRUE(is_canonical(line, envelope, event));
}

}  // namespace
}  // namespace boxoffice::schema
