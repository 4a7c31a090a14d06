// Ids, tokens and sealed text: the same for who has the roots, nothing for who has not.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "sealing/sealing.hpp"

namespace boxoffice::sealing {
namespace {

using schema::ClaimId;
using schema::KeyId;
using schema::OccasionId;
using schema::PersonId;

Roots roots(std::uint8_t seed) {
  Roots result;
  result.master.bytes.fill(seed);
  result.pepper.bytes.fill(static_cast<std::uint8_t>(seed + 1));
  return result;
}

template <class IdType>
IdType id(std::uint8_t seed) {
  IdType result;
  result.bytes.fill(seed);
  return result;
}

/// Every text that differs from `text` in one character.
std::vector<std::string> altered(const std::string& text) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result.push_back(text);
    result.back()[i] = text[i] == 'A' ? 'B' : 'A';
  }
  return result;
}

const Vault& vault() {
  static const Vault the_vault(roots(1));
  return the_vault;
}

TEST(People, HaveTheSameIdWhereverTheRootsAreTheSame) {
  EXPECT_EQ(Vault(roots(1)).person("ada@example.org"), Vault(roots(1)).person("ada@example.org"));
  EXPECT_NE(vault().person("ada@example.org"), vault().person("bob@example.org"));
  EXPECT_NE(vault().person("ada@example.org"), Vault(roots(2)).person("ada@example.org"));
  EXPECT_LT(vault().person("ada@example.org").bytes[0], 0x80);
}

TEST(People, AndIpsDependOnThePepperAlone) {
  Roots other = roots(9);
  other.pepper = roots(1).pepper;
  EXPECT_EQ(vault().person("ada@example.org"), Vault(other).person("ada@example.org"));
  EXPECT_EQ(vault().ip("192.0.2.1"), Vault(other).ip("192.0.2.1"));
  EXPECT_NE(vault().ip("192.0.2.1"), vault().ip("192.0.2.2"));
}

TEST(Identity, NamesACommandByWhoAsksWhatItIsAboutAndItsKey) {
  const auto identity = vault().identity("anonymous", "occasion", "key", "POST /claims {}");
  EXPECT_EQ(identity, vault().identity("anonymous", "occasion", "key", "POST /claims {}"));
  EXPECT_NE(identity.id, vault().identity("somebody", "occasion", "key", "POST /claims {}").id);
  EXPECT_NE(identity.id, vault().identity("anonymous", "another", "key", "POST /claims {}").id);
  EXPECT_NE(identity.id, vault().identity("anonymous", "occasion", "yek", "POST /claims {}").id);
  EXPECT_NE(identity.id, vault().identity("anonymous", "occasionk", "ey", "POST /claims {}").id);
}

TEST(Identity, TellsAnotherRequestUnderTheSameKeyByItsTag) {
  const auto identity = vault().identity("anonymous", "occasion", "key", "POST /claims {}");
  const auto other = vault().identity("anonymous", "occasion", "key", "POST /claims { }");
  EXPECT_EQ(identity.id, other.id);
  EXPECT_NE(identity.tag, other.tag);
  EXPECT_NE(identity.tag, vault().identity("a", "b", "c", "POST /claims {}").tag);
}

TEST(ClaimTokens, OpenTheirClaimAndNoOther) {
  const auto occasion = id<OccasionId>(1);
  const auto claim = id<ClaimId>(2);
  const std::string token = vault().claim_token(occasion, claim);
  EXPECT_TRUE(vault().is_claim_token(occasion, claim, token));
  EXPECT_FALSE(vault().is_claim_token(occasion, id<ClaimId>(3), token));
  EXPECT_FALSE(vault().is_claim_token(id<OccasionId>(3), claim, token));
  EXPECT_FALSE(vault().is_claim_token(id<OccasionId>(2), id<ClaimId>(1), token));
  EXPECT_FALSE(Vault(roots(2)).is_claim_token(occasion, claim, token));
  EXPECT_FALSE(vault().is_claim_token(occasion, claim, ""));
  EXPECT_FALSE(vault().is_claim_token(occasion, claim, token + "A"));
  for (const std::string& wrong : altered(token))
    EXPECT_FALSE(vault().is_claim_token(occasion, claim, wrong)) << wrong;
}

TEST(Keys, CarryTheirIdAndAreKnownByTheirHash) {
  const auto key = id<KeyId>(7);
  const std::string text = vault().key_text(key);
  EXPECT_EQ(text, vault().key_text(key));
  EXPECT_TRUE(text.starts_with("bo_" + schema::to_text(key) + "_"));
  EXPECT_EQ(Vault::key_id(text), key);
  EXPECT_EQ(Vault::key_hash(text), sha256(text));
  EXPECT_NE(vault().key_text(id<KeyId>(8)).substr(26), text.substr(26));
  EXPECT_NE(Vault(roots(2)).key_text(key), text);
}

TEST(Keys, TextsThatAreNoneHaveNoId) {
  const std::string text = vault().key_text(id<KeyId>(7));
  for (const std::string& wrong :
       {std::string(), std::string("bo_"), text.substr(1), text.substr(0, text.size() - 1),
        text + "A", "ob_" + text.substr(3), text.substr(0, 25) + "-" + text.substr(26),
        "bo_~" + text.substr(4), text.substr(0, text.size() - 1) + "="})
    EXPECT_EQ(Vault::key_id(wrong), std::nullopt) << wrong;
}

TEST(SealedText, IsOpenedWithItsKeyForItsPerson) {
  const auto person = id<PersonId>(4);
  for (const std::string& text : {std::string(), std::string("ada@example.org"),
                                  std::string("\0\xff", 2), std::string(1000, 'x')}) {
    const SealedText sealed = vault().seal(person, text);
    EXPECT_EQ(vault().open(sealed.text, sealed.wrapped, person), text);
    EXPECT_EQ(Vault::key_name(person, sealed.text), sealed.name);
  }
}

TEST(SealedText, HasTheFormOfItsSchema) {
  const auto person = id<PersonId>(4);
  const SealedText sealed = vault().seal(person, std::string(254, 'a'));
  ASSERT_TRUE(sealed.text.starts_with("s1."));
  EXPECT_EQ(sealed.text.find('.', 3), 14u);
  EXPECT_LE(sealed.text.size(), 2048u);
  EXPECT_EQ(sealed.name, "person/" + schema::to_text(person) + "/" + sealed.text.substr(3, 11));
  EXPECT_EQ(sealed.text.find("aaaa"), std::string::npos);
}

TEST(SealedText, IsAnotherEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const SealedText sealed = vault().seal(id<PersonId>(4), "ada@example.org");
    EXPECT_TRUE(seen.insert(sealed.text).second);
    EXPECT_TRUE(seen.insert(sealed.name).second);
    EXPECT_TRUE(seen.insert(sealed.wrapped).second);
  }
}

TEST(SealedText, StaysShutToAnotherPersonKeyOrDeployment) {
  const auto person = id<PersonId>(4);
  const SealedText sealed = vault().seal(person, "ada@example.org");
  const SealedText other = vault().seal(person, "ada@example.org");
  EXPECT_EQ(vault().open(sealed.text, sealed.wrapped, id<PersonId>(5)), std::nullopt);
  EXPECT_EQ(vault().open(sealed.text, other.wrapped, person), std::nullopt);
  EXPECT_EQ(vault().open(sealed.text, "", person), std::nullopt);
  EXPECT_EQ(Vault(roots(2)).open(sealed.text, sealed.wrapped, person), std::nullopt);
}

TEST(SealedText, StaysShutWhenAltered) {
  const auto person = id<PersonId>(4);
  const SealedText sealed = vault().seal(person, "ada@example.org");
  for (const std::string& wrong : altered(sealed.text))
    EXPECT_EQ(vault().open(wrong, sealed.wrapped, person), std::nullopt) << wrong;
  for (const std::string& wrong : altered(sealed.wrapped))
    EXPECT_EQ(vault().open(sealed.text, wrong, person), std::nullopt) << wrong;
  for (std::size_t length = 0; length < sealed.text.size(); ++length)
    EXPECT_EQ(vault().open(sealed.text.substr(0, length), sealed.wrapped, person), std::nullopt);
}

TEST(SealedText, OtherTextsNameNoKey) {
  for (const char* text : {"", "s1.", "s1.AAAAAAAAAAA", "s1.AAAAAAAAAAA.", "s2.AAAAAAAAAAA.AAAA",
                           "s1.AAAAAAAAAAAA.AAA", "s1.~AAAAAAAAAA.AAAA", "ada@example.org"})
    EXPECT_EQ(Vault::key_name(id<PersonId>(4), text), std::nullopt) << text;
}

TEST(RootKeys, AreRandomAndWrapped) {
  const auto occasion = id<OccasionId>(4);
  EXPECT_NE(vault().wrapped_root_key(occasion), vault().wrapped_root_key(occasion));
  EXPECT_EQ(schema::base64url_decoded(vault().wrapped_root_key(occasion))->size(), 24u + 32 + 16);
}

TEST(RandomText, IsUniqueOverThreadsAndLooksLikeAnId) {
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& texts : made)
      threads.emplace_back([&texts] {
        for (int i = 0; i < 1000; ++i) texts.push_back(random_text());
      });
  }
  std::set<std::string> seen;
  for (const auto& texts : made) {
    for (const std::string& text : texts) {
      EXPECT_TRUE(seen.insert(text).second);
      EXPECT_TRUE(schema::id_from_text<PersonId>(text)) << text;
    }
  }
}

TEST(BootstrapKey, HasAnIdThatNobodyElseCanCompute) {
  const schema::Digest hash = Vault::key_hash("a key that somebody chose");
  const KeyId id = Vault(roots(1)).bootstrap_key(hash);
  EXPECT_EQ(id, Vault(roots(1)).bootstrap_key(hash));
  EXPECT_NE(id, Vault(roots(2)).bootstrap_key(hash));
  EXPECT_NE(id, Vault(roots(1)).bootstrap_key(Vault::key_hash("another")));
  EXPECT_NE(id, KeyId::from(hash.bytes));
}

}  // namespace
}  // namespace boxoffice::sealing
