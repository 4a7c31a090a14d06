#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "commands/processor/arrivals.hpp"
#include "event-log/command_topic.hpp"
#include "events-schema/codec.hpp"

namespace boxoffice::processor {

/// The commands of one partition as they stand on their topic, from behind the last that was
/// decided: what was taken and is not on the log comes again.
class TopicArrivals final : public Arrivals {
 public:
  /// Of a record that is no command of this program's: nothing comes of it. Called on the owner's
  /// thread.
  using OnUnreadable = std::function<void(std::uint64_t offset, const std::string& why)>;

  TopicArrivals(std::unique_ptr<event_log::CommandSource> source, std::size_t commands_max,
                OnUnreadable on_unreadable);

  std::expected<void, RecoveryError> resume(std::span<const OwnedPartition> owned) override;
  void suspend() override;
  void take(std::vector<Submission>& into) override;
  void wait(std::chrono::steady_clock::time_point until) override;
  void interrupt() override;
  void close() override { closed_ = true; }
  std::size_t depth() const override { return 0; }
  std::string_view log() const override { return source_->log(); }

  /// The offset that is taken next. Any thread.
  std::uint64_t next() const { return next_; }

 private:
  void take(const event_log::CommandRecord& record, std::vector<Submission>& into);
  /// After an error: not at once, for what is wrong lasts.
  bool seek_again();

  const std::unique_ptr<event_log::CommandSource> source_;
  const std::size_t commands_max_;
  const OnUnreadable on_unreadable_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> closed_{false};
  bool is_held_ = false;
  std::optional<std::chrono::steady_clock::time_point> seek_again_at_;

  schema::Reader reader_;
  schema::CommandEnvelope envelope_;
  std::string text_;
};

}  // namespace boxoffice::processor
