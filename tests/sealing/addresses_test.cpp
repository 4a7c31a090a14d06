// Spellings of one address are one address, and what is none is refused.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sealing/sealing.hpp"

namespace boxoffice::sealing {
namespace {

TEST(NormalizedAddress, MakesOneOfManySpellings) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"ada@example.org", "ada@example.org"},
      {"Ada@Example.ORG", "ada@example.org"},
      {"  ada@example.org\t\r\n", "ada@example.org"},
      {"ada.lovelace@example.org", "ada.lovelace@example.org"},
      {"ada+box@example.org", "ada+box@example.org"},
      {"o'hara!#$%&*/=?^_`{|}~-@example.org", "o'hara!#$%&*/=?^_`{|}~-@example.org"},
      {"root@localhost", "root@localhost"},
      {"ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"},
      {"ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"},
      {"ada@Bücher.example", "ada@xn--bcher-kva.example"},
      {"ada@BÜCHER.example", "ada@xn--bcher-kva.example"},
      {"ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"},  // u and a combining diaeresis
      {"ada@bücher。example", "ada@xn--bcher-kva.example"},       // the full stop of Chinese
      {"ada@straße.example", "ada@xn--strae-oqa.example"},        // not strasse: IDNA 2008
      {"ada@a\u200bb.example", "ada@ab.example"},  // names have no zero width space: it is left out
      {"ÉLODIE@example.org", "élodie@example.org"},
      {"e\u0301lodie@example.org", "élodie@example.org"},
      {"用户@例子.example", "用户@xn--fsqu00a.example"},
  };
  for (const auto& [text, expected] : table) {
    EXPECT_EQ(normalized_address(text), expected) << text;
    EXPECT_EQ(normalized_address(expected), expected) << "a second time: " << text;
  }
}

TEST(NormalizedAddress, RefusesWhatIsNone) {
  using namespace std::string_literals;
  const std::vector<std::string> table = {
      "",
      " ",
      "ada",
      "@",
      "ada@",
      "@example.org",
      "ada@@example.org",
      "ada@example@org",
      "ada@.example.org",
      "ada@example..org",
      "ada@example.org.",  // DNS allows the root's dot, mail does not
      "ada@-example.org",
      "ada@example-.org",
      "ada@exa_mple.org",
      "ada@example.org:25",
      "ada@[127.0.0.1]",
      "ada@exa mple.org",
      "ada lovelace@example.org",
      "\"ada lovelace\"@example.org",
      "\"ada\"@example.org",
      "Ada <ada@example.org>",
      "ada@example.org, bob@example.org",
      "ada,bob@example.org",
      ".ada@example.org",
      "ada.@example.org",
      "ada..lovelace@example.org",
      "ada\\@example.org",
      "ada\x01@example.org",
      "ada\r\nBcc: all@example.org",
      "ada@example.org\r\nBcc: all",
      "a\0da@example.org"s,
      "ada@example\0.org"s,
      "ada@b\0\xc3\xbc.org"s,
      "ad\x7f@example.org",
      "\xff\xfe@example.org",
      "ada@\xff.org",
      "a\u00a0da@example.org",  // no-break space
      "a\u200bda@example.org",  // zero width space
      "a\u202eda@example.org",  // right-to-left override
      "a\u0085da@example.org",  // a control beyond ASCII
      "ada@xn--.example",
      "ada@xn--a.example",
      "ada@xn--99999999999.example",
  };
  for (const std::string& text : table) EXPECT_EQ(normalized_address(text), std::nullopt) << text;
}

TEST(NormalizedAddress, HasTheLengthsOfRfc5321) {
  const std::string label(63, 'd');
  const std::string local(64, 'a');
  EXPECT_TRUE(normalized_address(local + "@example.org"));
  EXPECT_FALSE(normalized_address(local + "a@example.org"));
  EXPECT_TRUE(normalized_address("a@" + label + ".org"));
  EXPECT_FALSE(normalized_address("a@d" + label + ".org"));

  const std::string domain = label + "." + label + "." + std::string(61, 'd');
  ASSERT_EQ((local + "@" + domain).size(), 254u);
  EXPECT_TRUE(normalized_address(local + "@" + domain));
  EXPECT_FALSE(normalized_address(local + "@" + domain + "d"));
  EXPECT_FALSE(normalized_address(std::string(100'000, 'a') + "@example.org"));
  EXPECT_FALSE(normalized_address("a@" + std::string(240, '.')));
}

TEST(NormalizedIp, IsTheAddressForIpv4AndTheNetworkForIpv6) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"192.0.2.1", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::FFFF:c000:0201", "192.0.2.1"},
      {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"2001:DB8:1:2::", "2001:db8:1:2::/64"},
      {"2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
      {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
      {"::1", "::/64"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(normalized_ip(text), expected) << text;
}

TEST(NormalizedIp, RefusesWhatIsNone) {
  using namespace std::string_literals;
  const std::vector<std::string> table = {
      "",
      "localhost",
      "192.0.2",
      "192.0.2.256",
      "192.0.2.01",
      "192.0.2.1 ",
      " 192.0.2.1",
      "192.0.2.1:80",
      "192.0.2.1/32",
      "[2001:db8::1]",
      "2001:db8:",
      "fe80::1%eth0",
      "2001:db8::1/64",
      "::ffff:1.2.3",
      "192.0.2.1\0"s,
      std::string(1000, '1'),
      "0x7f.0.0.1",
      "2130706433",
  };
  for (const std::string& text : table) EXPECT_EQ(normalized_ip(text), std::nullopt) << text;
}

}  // namespace
}  // namespace boxoffice::sealing
