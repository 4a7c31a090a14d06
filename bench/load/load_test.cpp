#include <gmock/gmock.h>

#include <set>

#include "bench/load/histogram.hpp"
#include "bench/load/requests.hpp"
#include "bench/load/response.hpp"

namespace boxoffice::bench {
namespace {

using testing::HasSubstr;

TEST(Histogram, GivesQuantilesWithinAHundredthAtAnySize) {
  for (const std::int64_t unit : {1, 1000, 1'000'000, 1'000'000'000}) {
    Histogram histogram;
    for (std::int64_t value = 1; value <= 1000; ++value)
      histogram.record(std::chrono::nanoseconds(value * unit));
    for (const double fraction : {0.01, 0.5, 0.9, 0.99, 1.0}) {
      const double exact = fraction * 1000 * static_cast<double>(unit);
      EXPECT_NEAR(static_cast<double>(histogram.quantile(fraction).count()), exact, exact / 100);
    }
    EXPECT_EQ(histogram.max().count(), 1000 * unit);
  }
}

TEST(Histogram, IsEmptyAtFirst) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.quantile(0.99).count(), 0);
}

TEST(Histogram, TakesTheLongestThereIs) {
  Histogram histogram;
  histogram.record(Histogram::Nanoseconds::max());
  EXPECT_EQ(histogram.quantile(0.5), Histogram::Nanoseconds::max());
}

Framing framing_of(std::string_view bytes) {
  Response response;
  return find_response(bytes, response);
}

TEST(FindResponse, FindsOneAndLeavesTheRest) {
  Response response;
  const std::string_view bytes =
      "HTTP/1.1 409 Conflict\r\ncontent-LENGTH: 4\r\nServer: x\r\n\r\nbodyHTTP/1.1 200";
  ASSERT_EQ(find_response(bytes, response), Framing::complete);
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.body, "body");
  EXPECT_EQ(bytes.substr(response.length), "HTTP/1.1 200");
}

TEST(FindResponse, WaitsForAllOfIt) {
  const std::string_view whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(framing_of(whole.substr(0, length)), Framing::incomplete) << length;
  EXPECT_EQ(framing_of(whole), Framing::complete);
}

TEST(FindResponse, RefusesWhatItCannotFrame) {
  EXPECT_EQ(framing_of("SSH-2.0-OpenSSH_9.2\r\n"), Framing::broken);
  EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Framing::broken);
}

TEST(Requests, ClaimWithAnAddressAnIpAndAKeyOfTheirOwn) {
  Requests requests = Requests::claims("h", {"one", "two"}, true, {});
  std::set<std::string> ips;
  for (const std::uint64_t number : {0, 1, 155, 156, 1'000'000, 99'999'999}) {
    const std::string bytes(requests.bytes(number));
    EXPECT_THAT(bytes, HasSubstr(number % 2 == 0 ? "/occasions/one/" : "/occasions/two/"));
    EXPECT_THAT(bytes, HasSubstr("{\"email\":\"" + Requests::email(number) + "\"}"));
    EXPECT_THAT(bytes, HasSubstr("X-Forwarded-For: " + Requests::ip(number) + "\r\n"));
    EXPECT_THAT(bytes, HasSubstr("Idempotency-Key: " + Requests::idempotency_key(number) + "\r\n"));
    EXPECT_TRUE(ips.insert(Requests::ip(number)).second);
    const auto body = bytes.substr(bytes.find("\r\n\r\n") + 4);
    EXPECT_THAT(bytes, HasSubstr("Content-Length: " + std::to_string(body.size()) + "\r\n"));
  }
}

}  // namespace
}  // namespace boxoffice::bench
