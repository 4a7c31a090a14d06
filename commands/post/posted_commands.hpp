#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "commands/processor/submission.hpp"
#include "event-log/command_topic.hpp"
#include "events-schema/codec.hpp"

/// The gateway's side of commands that are decided in another process.
namespace boxoffice::post {

/// Sends commands, and knows who waits for which reply. Thread-safe.
///
/// Whoever waits is answered once, or never: where a reply is lost nobody else can tell what came
/// of the command but its key.
class PostedCommands {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    std::string gateway;  ///< no two alike, at most 32 bytes; `<gateway>.<number>` is replied to
    std::string deployment;
    std::uint16_t partitions = 1;
    std::size_t underway_max = 65'536;
    /// After its deadline, a command whose reply has not come by then is forgotten.
    std::chrono::milliseconds patience{10'000};
    std::function<Clock::time_point()> now = Clock::now;
  };

  /// `post` may end first, and with it the calls that it makes; then nothing may be submitted any
  /// more.
  PostedCommands(Settings settings, event_log::CommandPost& post);

  /// False, and `submission` untouched: as many as may are under way.
  bool submit(processor::Submission&& submission);

  /// A reply to whichever gateway. For one thread.
  void replied(std::string_view to, std::string_view value);

  /// To be called now and then: those whose reply was lost count as under way until then, or until
  /// the next command.
  void forget_overdue();

  std::size_t underway() const;
  /// How long the one that was sent first has waited for its reply; zero: none waits.
  std::chrono::milliseconds unanswered_for() const;
  std::uint64_t unreadable_replies() const { return unreadable_; }

 private:
  struct Waiting {
    processor::Respond respond;
    Clock::time_point since;
    Clock::time_point until;
  };
  using Number = std::uint64_t;

  std::optional<Number> wait_for(processor::Submission& submission);
  /// nullopt: it is not waited for any more.
  std::optional<Waiting> take(Number number);
  void forget_overdue(Clock::time_point now);  // under mutex_
  std::optional<Number> number_of(std::string_view to) const;

  const Settings settings_;
  const std::string prefix_;  ///< `<gateway>.`
  const std::string source_;
  event_log::CommandPost& post_;

  mutable std::mutex mutex_;
  std::map<Number, Waiting> waiting_;  // guarded by mutex_; in the order of sending
  Number last_ = 0;                    // guarded by mutex_

  schema::Reader reader_;  ///< of who calls `replied`
  std::string text_;       ///< likewise
  std::atomic<std::uint64_t> unreadable_{0};
};

}  // namespace boxoffice::post
