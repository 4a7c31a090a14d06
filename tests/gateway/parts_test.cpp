// The gateway's parts by themselves: limits, addresses, headers, targets, problems.
#include <gtest/gtest.h>

#include <fstream>

#include "gateway/auth/client_address.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/target.hpp"
#include "gateway/limits/limiter.hpp"
#include "gateway/routes/entity_tags.hpp"
#include "gateway/routes/headers.hpp"
#include "gateway/routes/refusals.hpp"
#include "gateway/routes/router.hpp"
#include "gateway/routes/time_zones.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::gateway_test {
namespace {

using namespace std::chrono_literals;
using namespace gateway;
using limits::Taken;
using limits::TokenBuckets;

const TokenBuckets::Time kStart{std::chrono::hours(1000)};

TEST(TokenBucket, GrantsItsBurstAndThenItsRate) {
  TokenBuckets buckets({.per_second = 2, .burst = 3}, 64);
  for (std::uint32_t left : {2U, 1U, 0U}) EXPECT_EQ(buckets.take("a", kStart).remaining, left);
  const Taken refused = buckets.take("a", kStart);
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.retry_after, 500ms);
  EXPECT_EQ(refused.full_after, 1500ms);
  EXPECT_FALSE(buckets.take("a", kStart + 499ms).granted);
  EXPECT_TRUE(buckets.take("a", kStart + 500ms).granted);
  EXPECT_TRUE(buckets.take("b", kStart).granted);
}

TEST(TokenBucket, NeverHoldsMoreThanItsBurst) {
  TokenBuckets buckets({.per_second = 10, .burst = 2}, 64);
  buckets.take("a", kStart);
  EXPECT_EQ(buckets.take("a", kStart + 1h).remaining, 1U);
}

TEST(TokenBucket, OfManyKeysGivesWayOnlyWhereItIsTheFullest) {
  TokenBuckets buckets({.per_second = 1, .burst = 5}, 8);  // one set of eight
  for (int i = 0; i < 5; ++i) buckets.take("hasty", kStart);
  for (int i = 0; i < 1000; ++i) buckets.take("key " + std::to_string(i), kStart);
  EXPECT_FALSE(buckets.take("hasty", kStart).granted);
}

TEST(Limiter, SaysItsPolicyInTheWordsOfTheDraft) {
  const limits::Limiter limiter({.ip = {.per_second = 20, .burst = 60}});
  EXPECT_EQ(limiter.policy_header(limits::Policy::ip), R"("ip";q=60;w=3)");
  EXPECT_EQ(limiter.policy_header(limits::Policy::sign_in), R"("sign-in";q=10;w=60)");
  EXPECT_EQ(limiter.header(limits::Policy::ip, {.remaining = 7, .full_after = 1100ms}),
            R"("ip";r=7;t=2)");
}

TEST(ClientAddress, IsThePeerWhereNobodyIsTrusted) {
  const TrustedProxies none(std::vector<std::string>{});
  const std::vector<std::string_view> forwarded{"203.0.113.5"};
  EXPECT_EQ(client_address("127.0.0.1", forwarded, none), "127.0.0.1");
}

TEST(ClientAddress, IsTheLastEntryThatIsNoTrustedProxy) {
  const std::vector<std::string> networks{"127.0.0.1", "10.0.0.0/8", "2001:db8::/32"};
  const TrustedProxies trusted(networks);
  const auto of = [&](std::string_view peer, std::vector<std::string_view> lines) {
    return client_address(peer, lines, trusted);
  };
  EXPECT_EQ(of("127.0.0.1", {}), "127.0.0.1");
  EXPECT_EQ(of("127.0.0.1", {"203.0.113.5"}), "203.0.113.5");
  EXPECT_EQ(of("127.0.0.1", {"203.0.113.5, 10.1.2.3"}), "203.0.113.5");
  EXPECT_EQ(of("127.0.0.1", {"198.51.100.1", "203.0.113.5,10.1.2.3"}), "203.0.113.5");
  EXPECT_EQ(of("127.0.0.1", {"10.0.0.1"}), "10.0.0.1");
  EXPECT_EQ(of("127.0.0.1", {"203.0.113.5, nonsense"}), "127.0.0.1");
  EXPECT_EQ(of("127.0.0.1", {"[2001:db9::1]:80"}), "2001:db9::1");
  EXPECT_EQ(of("2001:db8::9", {"203.0.113.5:4711"}), "203.0.113.5");
  EXPECT_EQ(of("203.0.113.9", {"203.0.113.5"}), "203.0.113.9");
}

TEST(TrustedProxies, AreNamedWhereOneIsNone) {
  for (const std::string wrong : {"x", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/8x"}) {
    const std::vector<std::string> networks{wrong};
    try {
      const TrustedProxies trusted(networks);
      ADD_FAILURE() << wrong;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(wrong), std::string::npos);
    }
  }
}

TEST(Target, IsSplitAndDecoded) {
  using http::percent_decoded;
  const auto target = http::split_target("/a/b?x=1#f");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a/b");
  EXPECT_EQ(target->query, "x=1");
  EXPECT_EQ(http::split_target("http://h:1/p?q")->path, "/p");
  EXPECT_EQ(http::split_target("http://h")->path, "/");
  EXPECT_FALSE(http::split_target("*"));
  EXPECT_FALSE(http::split_target(""));
  EXPECT_EQ(percent_decoded("a%2Fb+c", true), "a/b c");
  EXPECT_EQ(percent_decoded("a+b", false), "a+b");
  for (const char* bad : {"%", "%2", "%zz", "%00", "%ff", "%c0%80", "%ed%a0%80"}) {
    EXPECT_FALSE(percent_decoded(bad, true)) << bad;
  }
  EXPECT_EQ(percent_decoded("%e2%82%ac", true), "€");
}

TEST(Query, HasEachParameterOnce) {
  const auto query = http::Query::parse("a=1&&b=&c&d=x%3Dy");
  ASSERT_TRUE(query);
  EXPECT_EQ(*query->find("a"), "1");
  EXPECT_EQ(*query->find("b"), "");
  EXPECT_EQ(*query->find("c"), "");
  EXPECT_EQ(*query->find("d"), "x=y");
  EXPECT_EQ(query->find("e"), nullptr);
}

TEST(Query, NamesTheParameterThatIsMalformed) {
  EXPECT_EQ(http::Query::parse("a=1&b=1&a=2").error(), "a");
  EXPECT_EQ(http::Query::parse("a=1&b=%").error(), "b");
  EXPECT_EQ(http::Query::parse("%zz=1").error(), "%zz");
  EXPECT_EQ(http::Query::parse("\xff=1").error(), "");
  std::string many;
  for (std::size_t i = 0; i <= http::kParametersMax; ++i) many += "p" + std::to_string(i) + "=&";
  EXPECT_EQ(http::Query::parse(many).error(), "p" + std::to_string(http::kParametersMax));
}

TEST(Positions, AreAList) {
  EXPECT_EQ(positions_of("1:2", 16)->size(), 1U);
  EXPECT_EQ(positions_of("1:2 , 3:4", 16)->size(), 2U);
  EXPECT_EQ(positions_of("1:2,, 3:4,", 16)->size(), 2U);
  for (const char* bad : {"", ",", "1", "16:1", "1:2;3:4", "1:2 3:4"})
    EXPECT_FALSE(positions_of(bad, 16)) << bad;
}

struct With {
  std::vector<http::Header> headers;
  http::Request request() const { return {.headers = headers}; }
};

TEST(IfMatch, IsOneSequenceForDeciding) {
  constexpr schema::Sequence kSeen{7};
  const auto of = [&](std::string_view value) {
    const With with{{{"if-match", value}}};
    return if_match_of(with.request(), kSeen).value();
  };
  EXPECT_EQ(if_match_of(With{}.request(), kSeen).value(), std::nullopt);
  EXPECT_EQ(of("*"), std::nullopt);
  EXPECT_EQ(of("\"12\""), schema::Sequence{12});
  EXPECT_EQ(of("\"9\", \"7\", \"8\""), kSeen);
  EXPECT_EQ(of("\"1\", W/\"7\", \"5\", \"4\""), schema::Sequence{5});
  EXPECT_EQ(of("W/\"7\""), schema::kSequenceMax);
  EXPECT_EQ(of("\"07\""), schema::kSequenceMax);
  EXPECT_EQ(of(""), schema::kSequenceMax);
}

TEST(EntityTag, IsFoundInAList) {
  const auto names = [](std::string_view list, std::string_view tag) {
    const With with{{{"if-none-match", list}}};
    return names_tag(with.request(), tag);
  };
  EXPECT_TRUE(names("\"1\", W/\"2\"", "\"2\""));
  EXPECT_TRUE(names("*", "\"2\""));
  EXPECT_FALSE(names("\"12\"", "\"2\""));
  EXPECT_FALSE(names("\"1,\"2\"", "\"2\""));
  EXPECT_FALSE(names("", "\"2\""));
  EXPECT_FALSE(names_tag(With{}.request(), "\"2\""));
}

TEST(TimeZones, AreThoseOfTheFile) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "tzdata.zi";
  try {
    const TimeZones none(file);
    ADD_FAILURE() << "there was no file";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("tzdata"), std::string::npos);
  }
  std::ofstream(file) << "# version 2025b\nR d 1916 o - Jun 14 23s 1 S\nZ Africa/Algiers 0:12:12 - "
                         "LMT 1891 Mar 16\n0 d WE%sT 1940 F 25 2\nL Africa/Algiers Old/Name\n";
  const TimeZones zones(file);
  EXPECT_TRUE(zones.contain("Africa/Algiers"));
  EXPECT_TRUE(zones.contain("Old/Name"));
  for (const char* no : {"", "Africa", "d", "0", "Africa/Algiers ", "africa/algiers"})
    EXPECT_FALSE(zones.contain(no)) << no;
}

TEST(Traceparent, IsPassedOnOnlyWhereItIsOne) {
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto of = [](std::string_view value) {
    const With with{{{"traceparent", value}}};
    return traceparent_of(with.request());
  };
  EXPECT_EQ(of(good), good);
  for (std::string bad :
       {good + "0", "01" + good.substr(2), "00-" + std::string(32, '0') + good.substr(35),
        good.substr(0, 36) + std::string(16, '0') + "-01", std::string("x")}) {
    EXPECT_EQ(of(bad), "") << bad;
  }
}

TEST(ContentType, IsJsonInUtf8) {
  for (const char* good : {"application/json", "Application/JSON; charset=UTF-8",
                           "application/json;charset=\"utf-8\""}) {
    EXPECT_TRUE(is_json(good, false)) << good;
  }
  for (const char* bad : {"", "text/json", "application/json; charset=latin1", "application/jsonp",
                          "application/merge-patch+json"}) {
    EXPECT_FALSE(is_json(bad, false)) << bad;
  }
  EXPECT_TRUE(is_json("application/merge-patch+json", true));
}

TEST(Problem, HasTheMembersOfTheContract) {
  http::Problem problem{.name = "sold_out", .detail = "No \"ticket\".", .field = "/a"};
  http::extend(problem.extensions, "command", "k");
  EXPECT_EQ(
      to_json(problem),
      R"({"type":"/problems/sold_out","title":"Sold out","status":409,"detail":"No \"ticket\".",)"
      R"("name":"sold_out","field":"/a","command":"k"})");
}

/// Every refusal that an event can have, as it is answered.
template <class Refused, class Reason>
void expect_all_known(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Refused event;
    event.refusal = static_cast<Reason>(i);
    const auto refusal = refusal_of(schema::Event(event));
    ASSERT_TRUE(refusal);
    const http::Problem problem = problem_of(*refusal);
    EXPECT_GE(http::problem_status(problem.name), 400);
    EXPECT_FALSE(problem.detail.empty());
  }
}

TEST(Refusals, AllHaveTheirStatus) {
  expect_all_known<schema::ClaimRefused, schema::ClaimRefusal>(schema::kClaimRefusalCount);
  expect_all_known<schema::ConfirmationRefused, schema::ConfirmationRefusal>(
      schema::kConfirmationRefusalCount);
  expect_all_known<schema::ReleaseRefused, schema::ReleaseRefusal>(schema::kReleaseRefusalCount);
  expect_all_known<schema::OccasionChangeRefused, schema::OccasionRefusal>(
      schema::kOccasionRefusalCount);
  expect_all_known<schema::KeyDeletionRefused, schema::KeyRefusal>(schema::kKeyRefusalCount);
  EXPECT_FALSE(refusal_of(schema::Event(schema::KeyDeleted())));
}

TEST(Router, FindsTheParts) {
  const Router router(routes());
  const auto found = router.find(http::Method::head, "/v1/occasions/x/claims/y");
  ASSERT_TRUE(found && found->route);
  EXPECT_EQ(found->route->operation.id, "showClaim");
  EXPECT_EQ(found->parts[0], "x");
  EXPECT_EQ(found->parts[1], "y");
  EXPECT_EQ(router.find(http::Method::get, "/")->route->operation.id, "showHome");
  EXPECT_EQ(router.find(http::Method::get, "/v1/keys")->route->operation.id, "listKeys");
  EXPECT_FALSE(router.find(http::Method::get, "/v1/keys/"));
  EXPECT_FALSE(router.find(http::Method::get, "/a/b/c/d/e/f/g/h/i/j"));
}

}  // namespace
}  // namespace boxoffice::gateway_test
