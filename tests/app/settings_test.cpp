#include "app/settings/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "app/settings/role_settings.hpp"
#include "app/settings/serve_settings.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::app {
namespace {

using enum SettingKind;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr SettingRow kRows[] = {
    {"listen", endpoint, "127.0.0.1:8080", "where"},
    {"inbox", number, "10", "how many", 1, 100},
    {"wait-ms", duration, "50", "how long", 1, 1000},
    {"limits", on_off, "on", "limits"},
    {"log", one_of, "embedded", "which", 0, 0, "embedded|memory"},
    {"secret-key", text, "", "hush", 0, 0, {}, true},
};

/// Environment variables of one test, taken back at its end.
class SettingsTest : public testing::Test {
 protected:
  void environment(const char* name, const char* value) {
    setenv(name, value, 1);
    names_.push_back(name);
  }
  std::string file(const std::string& content) {
    const std::string path = directory_.path() / "boxoffice.toml";
    std::ofstream(path) << content;
    return path;
  }
  Settings read(std::vector<std::string> flags) { return Settings(kRows, flags); }
  std::string refusal(std::vector<std::string> flags) {
    try {
      read(std::move(flags));
    } catch (const WrongSetting& wrong) {
      return wrong.what();
    }
    return "was taken";
  }
  void TearDown() override {
    for (const char* name : names_) unsetenv(name);
  }

 private:
  const TemporaryDirectory directory_;
  std::vector<const char*> names_;
};

TEST_F(SettingsTest, HaveDefaults) {
  const Settings settings = read({});
  EXPECT_EQ(settings.number("inbox"), 10);
  EXPECT_EQ(settings.duration("wait-ms"), std::chrono::milliseconds(50));
  EXPECT_TRUE(settings.on("limits"));
  EXPECT_EQ(settings.endpoint("listen").port, 8080);
  EXPECT_FALSE(settings.given("secret-key"));
}

TEST_F(SettingsTest, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  const std::string path = file("inbox = 3\nwait-ms = 3\nlimits = false\n");
  environment("BOXOFFICE_INBOX", "2");
  environment("BOXOFFICE_WAIT_MS", "2");
  const Settings settings = read({"--config", path, "--inbox=1"});
  EXPECT_EQ(settings.number("inbox"), 1);
  EXPECT_EQ(settings.number("wait-ms"), 2);
  EXPECT_FALSE(settings.on("limits"));
}

TEST_F(SettingsTest, ArePrintedWithSecretsMasked) {
  const std::vector<std::string> printed =
      read({"--secret-key", "abracadabra", "--inbox", "7"}).printed();
  EXPECT_THAT(printed, testing::Contains("inbox = 7 (flag)"));
  EXPECT_THAT(printed, testing::Contains("secret-key = … (flag)"));
}

TEST_F(SettingsTest, AWrongValueIsRefusedByNameWithWhatItMayBe) {
  EXPECT_EQ(refusal({"--inbox", "0"}),
            "setting inbox (flag): must be a whole number from 1 to 100, not '0'");
  EXPECT_THAT(refusal({"--inbox", "ten"}), HasSubstr("inbox"));
  EXPECT_THAT(refusal({"--wait-ms", "5s"}), HasSubstr("milliseconds"));
  EXPECT_THAT(refusal({"--limits", "maybe"}), HasSubstr("on or off"));
  EXPECT_THAT(refusal({"--log", "paper"}), HasSubstr("embedded|memory"));
  EXPECT_THAT(refusal({"--listen", "nowhere"}), HasSubstr("HOST:PORT"));
  EXPECT_THAT(refusal({"--listen", "h:65536"}), HasSubstr("HOST:PORT"));
}

TEST_F(SettingsTest, AWrongValueOfTheEnvironmentOrTheFileIsRefusedToo) {
  environment("BOXOFFICE_LIMITS", "1");
  EXPECT_THAT(refusal({}), HasSubstr("limits (environment)"));
  environment("BOXOFFICE_LIMITS", "on");
  EXPECT_THAT(refusal({"--config", file("inbox = [1]")}), HasSubstr("inbox"));
  EXPECT_THAT(refusal({"--config", file("inbux = 1")}), HasSubstr("inbux"));
  EXPECT_THAT(refusal({"--config", file("inbox = = 1")}), HasSubstr("line 1"));
}

TEST_F(SettingsTest, AWrongValueThatAnotherOutranksIsRefusedToo) {
  EXPECT_THAT(refusal({"--inbox=1", "--config", file("inbox = 0")}), HasSubstr("inbox (file)"));
  environment("BOXOFFICE_LIMITS", "maybe");
  EXPECT_THAT(refusal({"--limits", "off"}), HasSubstr("limits (environment)"));
}

TEST_F(SettingsTest, AnUnknownOrIncompleteFlagIsRefused) {
  EXPECT_THAT(refusal({"--limit", "on"}), HasSubstr("--limit;"));
  EXPECT_THAT(refusal({"--inbox"}), HasSubstr("needs a value"));
  EXPECT_THAT(refusal({"inbox"}), HasSubstr("not a flag"));
  EXPECT_THAT(refusal({"--inbox", "1", "--inbox", "2"}), HasSubstr("twice"));
}

TEST_F(SettingsTest, ThoseOfOtherCommandsMayStandBesideThem) {
  constexpr SettingRow kOthers[] = {{"threads", number, "2", "of another command", 1, 8}};
  environment("BOXOFFICE_THREADS", "4");
  const std::vector<std::string> flags{"--config", file("inbox = 3\nthreads = 4\n")};
  const Settings settings(kRows, flags, kOthers);
  EXPECT_EQ(settings.number("inbox"), 3);
  EXPECT_FALSE(settings.given("threads"));
  EXPECT_THAT(settings.warnings(), testing::Not(testing::Contains(HasSubstr("THREADS"))));
  EXPECT_THAT(refusal(flags), HasSubstr("threads"));  // where they are nobody's, as ever
}

TEST_F(SettingsTest, AnUnknownVariableIsWarnedOf) {
  environment("BOXOFFICE_INBUX", "1");
  EXPECT_THAT(read({}).warnings(), testing::Contains(HasSubstr("BOXOFFICE_INBUX")));
}

TEST_F(SettingsTest, AnEmptyVariableIsAsIfItWereNotThere) {
  environment("BOXOFFICE_INBOX", "");
  EXPECT_EQ(read({}).number("inbox"), 10);
}

TEST_F(SettingsTest, AMissingOneIsNamedWhereItIsNeeded) {
  EXPECT_THROW(
      {
        try {
          read({}).text("secret-key");
        } catch (const WrongSetting& wrong) {
          EXPECT_THAT(wrong.what(), HasSubstr("BOXOFFICE_SECRET_KEY"));
          throw;
        }
      },
      WrongSetting);
}

TEST_F(SettingsTest, KnowWhetherAnybodyGaveThem) {
  const Settings settings = read({"--inbox", "10"});
  EXPECT_FALSE(settings.is_default("inbox"));
  EXPECT_TRUE(settings.is_default("wait-ms"));
  EXPECT_TRUE(settings.is_default("secret-key"));
}

TEST_F(SettingsTest, AreDescribedWithTheirChoicesAndTheFile) {
  const std::string lines = described(kRows);
  EXPECT_THAT(lines, HasSubstr("limits: on or off [on]\n"));
  EXPECT_THAT(lines, HasSubstr("which: one of embedded|memory [embedded]\n"));
  EXPECT_THAT(lines, HasSubstr("  --config "));
}

/// What a table says that a setting may be.
std::string may_be(const SettingRow& row) {
  const auto in_code = [](std::string_view word) { return '`' + std::string(word) + '`'; };
  switch (row.kind) {
    case number:
    case duration:
      return std::to_string(row.least) + " to " + std::to_string(row.most);
    case on_off:
      return "`on`, `off`";
    case one_of: {
      std::string words = in_code(row.choices);
      for (std::size_t at = 0; (at = words.find('|', at)) != std::string::npos; at += 4)
        words.replace(at, 1, "`, `");
      return words;
    }
    case text:
    case path:
    case endpoint:
      return "";
  }
  return "";
}

TEST(SettingsOfAllRoles, AreInTheDocumentWithTheirDefaultsAndRanges) {
  std::ifstream file(BOXOFFICE_SOURCE_DIR "/docs/settings.md");
  const std::string document(std::istreambuf_iterator<char>(file), {});
  for (const SettingRow& row : settings_of_all_roles()) {
    const std::string preset = row.preset.empty() ? "" : "`" + std::string(row.preset) + "`";
    EXPECT_THAT(document, HasSubstr("\n| `" + std::string(row.name) + "` | " + preset + " | " +
                                    may_be(row) + " | "));
  }
}

TEST(SettingsOfAllRoles, HaveDefaultsThatTheyAllowThemselves) {
  for (const auto& rows : {serve_settings(), gateway_role_settings(), processor_settings(),
                           projector_settings(), settings_of_all_roles()})
    EXPECT_NO_THROW(Settings(rows, {}));
}

TEST(SettingsOfAllRoles, AreThoseOfEachRole) {
  for (const auto& rows :
       {serve_settings(), gateway_role_settings(), processor_settings(), projector_settings()})
    for (const SettingRow& row : rows)
      EXPECT_EQ(std::ranges::count(settings_of_all_roles(), row.name, &SettingRow::name), 1)
          << row.name;
}

}  // namespace
}  // namespace boxoffice::app
