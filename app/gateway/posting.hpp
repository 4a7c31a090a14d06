#pragma once

#include <memory>

#include "commands/post/posted_commands.hpp"
#include "event-log/kafka/command_post.hpp"

namespace boxoffice::app {

/// The way of a gateway's commands to the processors and of their replies back. Thread-safe.
class Posting {
 public:
  /// `deadline` is that of commands: one that no broker has taken by then is given up.
  static event_log::Result<std::unique_ptr<Posting>> open(const event_log::KafkaSettings& kafka,
                                                          std::string_view deployment,
                                                          std::size_t underway_max,
                                                          std::chrono::milliseconds deadline);

  bool submit(processor::Submission&& submission) {
    return commands_->submit(std::move(submission));
  }
  /// To be called now and then.
  void forget_overdue() { commands_->forget_overdue(); }
  std::optional<std::string> trouble() const { return post_->trouble(); }
  /// See `PostedCommands::unanswered_for` and `KafkaCommandPost::behind`.
  std::chrono::milliseconds unanswered_for() const { return commands_->unanswered_for(); }
  std::vector<std::chrono::milliseconds> replies_behind() const { return post_->behind(); }

 private:
  Posting(std::unique_ptr<event_log::KafkaCommandPost> post,
          post::PostedCommands::Settings settings);

  std::unique_ptr<post::PostedCommands> commands_;
  std::unique_ptr<event_log::KafkaCommandPost> post_;  // ends first, and with it what calls them
};

}  // namespace boxoffice::app
