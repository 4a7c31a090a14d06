// Golden files: what stands in them stands on some log, so it must be read for ever, and written
// again byte for byte.
#include "tests/schema/golden.hpp"

#include <gtest/gtest.h>

#include "tests/schema/padded.hpp"

namespace boxoffice::schema {
namespace {

using schema_test::golden;
using schema_test::golden_events_of_all_versions;
using schema_test::golden_files;
using schema_test::golden_lines;
using schema_test::GoldenFile;
using schema_test::Padded;

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

TEST(GoldenEvents, AreReadWhateverTheirVersion) {
  Reader reader;
  Envelope envelope;
  Event event;
  for (const GoldenFile& file : golden_events_of_all_versions())
    for (const std::string& line : file.lines) {
      const auto read = reader.event(Padded(line), envelope, event);
      ASSERT_TRUE(read) << file.name << read.error().pointer << " " << read.error().detail;
      EXPECT_EQ(name_of(event), file.name);
    }
}

TEST(GoldenEvents, AreReadTheSameInAnotherForm) {
  Reader reader;
  Envelope envelope, spaced_envelope;
  Event event, spaced_event;
  for (const GoldenFile& file : golden_files<Event>())
    for (const std::string& line : file.lines) {
      std::string spaced = line;
      spaced.insert(1, " ");
      ASSERT_TRUE(reader.event(Padded(line), envelope, event));
      ASSERT_TRUE(reader.event(Padded(spaced), spaced_envelope, spaced_event)) << line;
      EXPECT_EQ(spaced_envelope, envelope);
      EXPECT_EQ(spaced_event, event);
      EXPECT_FALSE(is_canonical(spaced, spaced_envelope, spaced_event));
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

TEST(GoldenWholeCommands, AreWrittenAsTheyWereRead) {
  Reader reader;
  CommandEnvelope envelope;
  Command command;
  const auto lines = golden_lines("whole_commands.json");
  EXPECT_GE(lines.size(), std::variant_size_v<Command>);
  for (const std::string& line : lines) {
    const auto read = reader.command(Padded(line), envelope, command);
    ASSERT_TRUE(read) << line << read.error().pointer << " " << read.error().detail;
    std::string written;
    write_command(written, envelope, command);
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
