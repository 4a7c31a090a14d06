#include "app/gateway/posting.hpp"

#include <stdexcept>

#include "sealing/sealing.hpp"

namespace boxoffice::app {

Posting::Posting(const event_log::KafkaSettings& kafka, std::string_view deployment,
                 std::size_t underway_max, std::chrono::milliseconds deadline) {
  auto post =
      event_log::KafkaCommandPost::open(kafka, {.underway_max = underway_max, .timeout = deadline});
  if (!post) throw std::runtime_error(post.error().message);
  post_ = std::move(*post);
  commands_ = std::make_unique<post::PostedCommands>(
      post::PostedCommands::Settings{.gateway = sealing::random_text(),
                                     .deployment = std::string(deployment),
                                     .partitions = kafka.partitions,
                                     .underway_max = underway_max},
      *post_);
  post_->receive(
      [this](std::string_view to, std::string_view value) { commands_->replied(to, value); });
}

}  // namespace boxoffice::app
