// The hashes give what their standards say.

#include "sealing/hashing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace boxoffice::sealing {
namespace {

std::vector<std::uint8_t> bytes(std::string_view hex) {
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    result.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return result;
}

std::string text(std::string_view hex) {
  const std::vector<std::uint8_t> raw = bytes(hex);
  return {raw.begin(), raw.end()};
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  for (const std::uint8_t byte : bytes) {
    result.push_back(kDigits[byte >> 4]);
    result.push_back(kDigits[byte & 15]);
  }
  return result;
}

std::string repeated(std::string_view pair, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += pair;
  return result;
}

std::string hmac(std::string_view key_hex, std::string_view text_hex) {
  return hex(Mac(bytes(key_hex)).of(text(text_hex)).bytes);
}

TEST(Sha256, GivesTheDigestsOfFips180) {
  EXPECT_EQ(hex(sha256("").bytes),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc").bytes),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").bytes),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a')).bytes),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Mac, GivesTheVectorsOfRfc4231) {
  EXPECT_EQ(hmac(repeated("0b", 20), "4869205468657265"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac(repeated("aa", 20), repeated("dd", 50)),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(hmac("0102030405060708090a0b0c0d0e0f10111213141516171819", repeated("cd", 50)),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

TEST(Mac, HashesKeysThatAreLongerThanABlock) {
  EXPECT_EQ(hmac(repeated("aa", 131),
                 "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
                 "65204b6579202d2048617368204b6579204669727374"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Mac, OfPartsTellsWhereOneEndsAndTheNextBegins) {
  const Mac mac(bytes("00"));
  EXPECT_EQ(mac.of_parts({"ab", "c"}), mac.of_parts({"ab", "c"}));
  EXPECT_NE(mac.of_parts({"ab", "c"}), mac.of_parts({"a", "bc"}));
  EXPECT_NE(mac.of_parts({"ab", ""}), mac.of_parts({"ab"}));
  EXPECT_NE(mac.of_parts({"abc"}), mac.of("abc"));
}

struct HkdfVector {
  std::string secret, salt, info, result;
};

TEST(Derive, GivesTheVectorsOfRfc5869) {
  const std::vector<HkdfVector> vectors = {
      {repeated("0b", 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
       "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
       "404142434445464748494a4b4c4d4e4f",
       "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
       "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
       "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
       "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
       "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
       "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
       "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
       "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {repeated("0b", 22), "", "",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const HkdfVector& vector : vectors) {
    std::vector<std::uint8_t> out(vector.result.size() / 2);
    derive(bytes(vector.secret), bytes(vector.salt), text(vector.info), out);
    EXPECT_EQ(hex(out), vector.result);
  }
}

TEST(Subkey, DiffersByPurposeAndRoot) {
  Secret root, other;
  other.bytes[31] = 1;
  EXPECT_EQ(subkey(root, "wrap").bytes, subkey(root, "wrap").bytes);
  EXPECT_NE(subkey(root, "wrap").bytes, subkey(root, "api-key").bytes);
  EXPECT_NE(subkey(root, "wrap").bytes, subkey(other, "wrap").bytes);
}

TEST(EqualInConstantTime, ComparesAllOfBothTexts) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("token", "token"));
  EXPECT_FALSE(equal_in_constant_time("token", "tokem"));
  EXPECT_FALSE(equal_in_constant_time("token", "token "));
  EXPECT_FALSE(equal_in_constant_time("token", ""));
}

}  // namespace
}  // namespace boxoffice::sealing
