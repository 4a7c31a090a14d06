// The group that shares partitions out among processes on one cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "event-log/kafka/membership.hpp"
#include "tests/log/kafka_meddler.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"

namespace boxoffice::event_log::testing {
namespace {

using boxoffice::testing::Broker;
using namespace std::chrono_literals;

/// Waits, however long it takes: the test's own time-out ends what never comes.
template <class Condition>
void await(const Condition& condition) {
  while (!condition()) std::this_thread::sleep_for(10ms);
}

std::unique_ptr<KafkaMembership> joined(const KafkaSettings& settings,
                                        KafkaMembership::Calls calls) {
  auto member = KafkaMembership::join(settings, settings.prefix + "group", 10s, std::move(calls));
  if (!member) throw std::runtime_error(member.error().message);
  return std::move(*member);
}

TEST(KafkaMembership, BeginsWithASharingOutBeItOfNothing) {
  KafkaSettings settings = fresh_settings(Broker::shared());
  settings.partitions = 1;
  (void)opened(settings);
  std::atomic<std::size_t> given = 0;
  const KafkaMembership::Calls calls{
      .assigned = [&](const std::vector<Partition>& partitions) { given += partitions.size(); },
      .revoked = [&](const std::vector<Partition>& partitions) { given -= partitions.size(); }};
  const auto first = joined(settings, calls);
  EXPECT_FALSE(first->is_member());
  await([&] { return first->is_member(); });
  const auto second = joined(settings, calls);
  EXPECT_FALSE(second->is_member());
  await([&] { return second->is_member(); });
  EXPECT_EQ(given, 1u);
}

TEST(KafkaMembership, MayBeSilentForAsLongAsASettingSays) {
  KafkaSettings settings;
  settings.bootstrap_servers = "127.0.0.1:1";
  settings.on_log = [](int, std::string_view) {};
  const auto member = KafkaMembership::join(
      settings, "group", 30min, {.assigned = [](const auto&) {}, .revoked = [](const auto&) {}});
  EXPECT_TRUE(member) << member.error().message;
}

TEST(KafkaMembership, KeepsWhatItWasToldWhereTheNextIsNotKnown) {
  KafkaSettings settings = fresh_settings(Broker::shared());
  (void)opened(settings);
  std::atomic<bool> is_given = false;
  const auto member = joined(
      settings, {.assigned = [&](const auto&) { is_given = true; }, .revoked = [](const auto&) {}});
  await([&] { return is_given.load(); });
  ASSERT_TRUE(member->prove({1}, 7));
  ASSERT_TRUE(member->prove({1}, std::nullopt));
  EXPECT_EQ(Meddler(settings.bootstrap_servers)
                .committed(settings.prefix + "group", settings.prefix + "boxoffice.commands", 1),
            7);
}

}  // namespace
}  // namespace boxoffice::event_log::testing
