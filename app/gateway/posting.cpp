#include "app/gateway/posting.hpp"

#include "sealing/sealing.hpp"

namespace boxoffice::app {

event_log::Result<std::unique_ptr<Posting>> Posting::open(const event_log::KafkaSettings& kafka,
                                                          std::string_view deployment,
                                                          std::size_t underway_max,
                                                          std::chrono::milliseconds deadline) {
  auto post =
      event_log::KafkaCommandPost::open(kafka, {.underway_max = underway_max, .timeout = deadline});
  if (!post) return std::unexpected(post.error());
  post::PostedCommands::Settings settings;
  settings.gateway = sealing::random_text();
  settings.deployment = deployment;
  settings.partitions = kafka.partitions;
  settings.underway_max = underway_max;
  return std::unique_ptr<Posting>(new Posting(std::move(*post), std::move(settings)));
}

Posting::Posting(std::unique_ptr<event_log::KafkaCommandPost> post,
                 post::PostedCommands::Settings settings)
    : commands_(std::make_unique<post::PostedCommands>(std::move(settings), *post)),
      post_(std::move(post)) {
  post_->receive(
      [this](std::string_view to, std::string_view value) { commands_->replied(to, value); });
}

}  // namespace boxoffice::app
