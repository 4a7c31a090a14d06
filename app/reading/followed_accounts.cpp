#include "app/reading/followed_accounts.hpp"

#include <fmt/format.h>

#include <atomic>

#include "event-log/kafka/topic_feed.hpp"
#include "journal/journal.hpp"

namespace boxoffice::app {
namespace {

/// The most that a log has.
constexpr std::uint16_t kPartitionsMax = 1024;

class FedAccounts final : public FollowedAccounts {
 public:
  FedAccounts() : FollowedAccounts(kPartitionsMax) {}
  ~FedAccounts() override {
    feed_.reset();
    close();
  }

  event_log::Result<void> follow(const event_log::KafkaSettings& settings) {
    auto feed = event_log::follow_topic_on_kafka(
        settings, schema::Topic::accounts,
        [this](const event_log::StoredEvent& stored) { take(stored); });
    if (!feed) return std::unexpected(feed.error());
    feed_ = std::move(*feed);
    return {};
  }

  std::chrono::milliseconds lag() const override {
    const bool knows_all = feed_->ready() && !is_damaged_;
    return knows_all ? feed_->age() : std::chrono::milliseconds::max();
  }

  std::optional<std::string> trouble() const override {
    if (is_damaged_) return "an event cannot be read";
    const auto trouble = feed_->trouble();
    return trouble ? std::optional(trouble->message) : std::nullopt;
  }

 private:
  void take(const event_log::StoredEvent& stored) {
    const auto read = reader_.event(stored.value, envelope_, event_);
    if (read) return apply(envelope_, event_);
    // Whose key it made or ended nobody knows.
    is_damaged_ = true;
    const std::string why = read.error().pointer + " " + read.error().detail;
    journal::error("event_unreadable",
                   "the event at " + schema::to_text(stored.position) +
                       " cannot be read; nobody is signed in without it: " + why)
        .at(stored.position)
        .with("error", why);
  }

  // the feed's thread's own:
  schema::Reader reader_;
  schema::Envelope envelope_;
  schema::Event event_;

  std::atomic<bool> is_damaged_ = false;
  std::unique_ptr<event_log::TopicFeed> feed_;
};

}  // namespace

event_log::Result<std::unique_ptr<FollowedAccounts>> follow_accounts(
    const event_log::KafkaSettings& settings) {
  auto accounts = std::make_unique<FedAccounts>();
  if (auto followed = accounts->follow(settings); !followed)
    return std::unexpected(followed.error());
  return accounts;
}

}  // namespace boxoffice::app
