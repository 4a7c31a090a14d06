// Wrapped keys are found by places that are kept on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event-log/kafka/cluster.hpp"
#include "tests/log/history.hpp"
#include "tests/log/kafka_meddler.hpp"
#include "tests/log/kafka_topics_of_a_test.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::event_log::testing {
namespace {

using kafka::Cluster;
using kafka::KeyPlaces;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Partition kPartition{2};
constexpr Partition kOther{3};

class KafkaKeyPlaces : public ::testing::Test {
 protected:
  std::unique_ptr<KeyPlaces> places_of(std::string_view topic) {
    auto places = KeyPlaces::open(directory_.path() / "places", topic);
    if (!places) throw std::runtime_error(places.error().message);
    return std::move(*places);
  }

  const TemporaryDirectory directory_;
};

TEST_F(KafkaKeyPlaces, AreFoundAgainTheNewestFirst) {
  {
    const auto places = places_of("keys");
    std::vector<KeyPlaces::Place> first{{.hash = 9, .offset = 3}, {.hash = 7, .offset = 500}};
    std::vector<KeyPlaces::Place> second{{.hash = 8, .offset = 1'000}, {.hash = 9, .offset = 256}};
    ASSERT_TRUE(places->add(kPartition, first, 501));
    ASSERT_TRUE(places->add(kPartition, second, 1'001));
  }
  const auto places = places_of("keys");
  EXPECT_EQ(places->known_to(kPartition), 1'001);
  EXPECT_EQ(places->known_to(kOther), 0);
  EXPECT_THAT(*places->find(kPartition, 9), ElementsAre(256, 3));
  EXPECT_THAT(*places->find(kPartition, 7), ElementsAre(500));
  EXPECT_THAT(*places->find(kOther, 9), IsEmpty());
}

TEST_F(KafkaKeyPlaces, AreForgottenByPartition) {
  const auto places = places_of("keys");
  std::vector<KeyPlaces::Place> some{{.hash = ~std::uint64_t{0}, .offset = 3}};
  ASSERT_TRUE(places->add(kPartition, some, 10));
  ASSERT_TRUE(places->add(kOther, some, 20));
  ASSERT_TRUE(places->forget(kPartition));
  EXPECT_EQ(places->known_to(kPartition), 0);
  EXPECT_THAT(*places->find(kPartition, some[0].hash), IsEmpty());
  EXPECT_EQ(places->known_to(kOther), 20);
  EXPECT_THAT(*places->find(kOther, some[0].hash), ElementsAre(3));
}

TEST_F(KafkaKeyPlaces, AreThrownAwayWhereTheyAreThoseOfAnotherTopic) {
  std::vector<KeyPlaces::Place> some{{.hash = 9, .offset = 3}};
  ASSERT_TRUE(places_of("keys of one")->add(kPartition, some, 10));
  const auto places = places_of("keys of another");
  EXPECT_EQ(places->known_to(kPartition), 0);
  EXPECT_THAT(*places->find(kPartition, 9), IsEmpty());
}

class KafkaKeys : public ::testing::Test {
 protected:
  KafkaKeys() { settings_.key_places = directory_.path() / "places"; }

  void put(std::vector<KeyRecord> keys) {
    const auto done = writer_->append(batch({}, std::move(keys)));
    ASSERT_TRUE(done) << done.error().message;
  }

  /// As a process that has nothing but the directory.
  std::unique_ptr<Cluster> restarted() { return std::move(*Cluster::connect(settings_)); }

  static std::optional<std::string> key(Cluster& cluster, std::string_view name) {
    const auto found = cluster.key(kPartition, name);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::nullopt;
  }

  const TemporaryDirectory directory_;
  KafkaSettings settings_ = fresh_settings(boxoffice::testing::Broker::shared());
  const std::unique_ptr<Log> log_ = opened(settings_);
  const std::unique_ptr<Writer> writer_ = writer_of(*log_, {kPartition.value});
};

TEST_F(KafkaKeys, AreReadOnceAndNotAgainByTheNextProcess) {
  std::vector<KeyRecord> many;
  for (int i = 0; i < 1'000; ++i)
    many.push_back({kPartition, "person/" + std::to_string(i), "wrapped " + std::to_string(i)});
  put(std::move(many));
  {
    const auto cluster = restarted();
    EXPECT_EQ(key(*cluster, "person/7"), "wrapped 7");
    EXPECT_EQ(cluster->key_readers.records(), 1'000u);
  }
  put({{kPartition, "person/7", ""}, {kPartition, "person/8", "wrapped anew"}});
  const auto cluster = restarted();
  EXPECT_EQ(key(*cluster, "person/999"), "wrapped 999");
  EXPECT_EQ(key(*cluster, "person/7"), std::nullopt) << "destroyed while nobody looked";
  EXPECT_EQ(key(*cluster, "person/8"), "wrapped anew");
  EXPECT_EQ(key(*cluster, "person/1000"), std::nullopt);
  EXPECT_EQ(cluster->key_readers.records(), 2u) << "what is new, alone";
  put({{kPartition, "person/999", ""}});
  EXPECT_EQ(key(*cluster, "person/999"), std::nullopt) << "destroyed at once";
}

TEST_F(KafkaKeys, AreFoundWhereTheTopicWasMadeAnewUnderItsName) {
  put({{kPartition, "person/a", "wrapped"}});
  {
    const auto cluster = restarted();
    std::vector<KeyPlaces::Place> old{{KeyPlaces::hash("person/a"), 400}};
    ASSERT_TRUE(
        (*cluster->key_places(kafka::within(settings_.read_timeout)))->add(kPartition, old, 1'000));
  }
  EXPECT_EQ(key(*restarted(), "person/a"), "wrapped");
}

TEST(KafkaKeysOfATopicThatIsMadeAnew, AreFoundThoughItHasAsManyRecords) {
  const TemporaryDirectory directory;
  KafkaSettings settings = fresh_settings(boxoffice::testing::Broker::shared());
  settings.key_places = directory.path() / "places";
  const auto is_found = [&](const std::string& name) {
    const auto log = opened(settings);
    const auto writer = writer_of(*log, {kPartition.value});
    EXPECT_TRUE(writer->append(batch({}, {{kPartition, name, "wrapped"}})));
    const auto cluster = Cluster::connect(settings);
    const auto key = (*cluster)->key(kPartition, name);
    return key && *key == "wrapped";
  };
  EXPECT_TRUE(is_found("person/a"));
  Meddler(settings.bootstrap_servers).delete_topic(settings.prefix + "boxoffice.keys");
  EXPECT_TRUE(is_found("person/b"));
}

TEST_F(KafkaKeys, AreNotLookedUpWithoutADirectory) {
  settings_.key_places.clear();
  const auto found = restarted()->key(kPartition, "person/a");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, LogErrorKind::wrong_format);
}

}  // namespace
}  // namespace boxoffice::event_log::testing
