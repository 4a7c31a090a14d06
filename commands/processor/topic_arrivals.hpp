#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "commands/processor/arrivals.hpp"
#include "event-log/command_topic.hpp"
#include "events-schema/codec.hpp"

namespace boxoffice::processor {

/// The commands of one partition as they stand on their topic, from behind the last that was
/// decided: what was taken and is not on the log comes again.
class TopicArrivals final : public Arrivals {
 public:
  /// What nothing comes of, from one offset up to before another: a record that is no command of
  /// this program's, one in the wrong partition, or offsets that no record has. Called on the
  /// owner's thread.
  using OnPassedOver =
      std::function<void(std::uint64_t from, std::uint64_t to, const std::string& why)>;

  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// `partitions` is how many the log has.
  TopicArrivals(std::unique_ptr<event_log::CommandSource> source, std::uint16_t partitions,
                std::size_t commands_max, OnPassedOver on_passed_over,
                Clock clock = std::chrono::steady_clock::now);

  std::expected<void, RecoveryError> resume(std::span<const OwnedPartition> owned) override;
  void suspend() override;
  std::expected<void, RecoveryError> take(std::vector<Submission>& into) override;
  std::optional<SkippedCommands> take_skipped() override {
    return std::exchange(skipped_, std::nullopt);
  }
  void wait(std::chrono::steady_clock::time_point until) override;
  void interrupt() override;
  void close() override { closed_ = true; }
  std::size_t depth() const override { return 0; }
  std::string_view log() const override { return source_->log(); }

  /// The offset that is taken next; nullopt: nobody knows before the partition was taken over. Any
  /// thread.
  std::optional<std::uint64_t> next() const {
    const std::uint64_t next = next_;
    return next == kUnknown ? std::nullopt : std::optional(next);
  }
  /// Why the topic could not be read lately; nullopt: it could. Any thread.
  std::optional<std::string> trouble() const;

 private:
  using Bounds = event_log::CommandSource::Bounds;

  void take(const event_log::CommandRecord& record, std::vector<Submission>& into);
  std::expected<void, RecoveryError> pass_over_gap(std::uint64_t to);
  void skip(std::uint64_t to, std::uint64_t end, schema::SkipFound found);
  /// After an error, which may be that the topic has nothing there any more, or not yet.
  std::expected<void, RecoveryError> seek_again();
  /// Where the topic begins and ends; nullopt: in trouble, nobody can tell.
  std::expected<std::optional<Bounds>, RecoveryError> look();
  /// Of what lasts it is the error, else this is in trouble.
  std::expected<void, RecoveryError> cannot_read(const event_log::LogError& error);
  std::unexpected<RecoveryError> cannot_go_on(const CommandMark& decided,
                                              const std::string& but) const;
  std::unexpected<RecoveryError> not_what_was_read(const std::string& what) const;
  void is_well();
  /// Not again at once, for what is wrong lasts.
  void is_in_trouble(const event_log::LogError& error);
  bool has_to_seek() const { return seek_again_at_.has_value(); }

  const std::unique_ptr<event_log::CommandSource> source_;
  const std::uint16_t partitions_;
  const std::size_t commands_max_;
  const OnPassedOver on_passed_over_;
  const Clock clock_;
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};
  std::atomic<std::uint64_t> next_{kUnknown};
  std::atomic<bool> closed_{false};
  bool is_held_ = false;
  schema::Partition partition_{};  ///< that is held
  std::optional<SkippedCommands> skipped_;
  std::optional<std::chrono::steady_clock::time_point> seek_again_at_;

  mutable std::mutex mutex_;
  std::optional<std::string> trouble_;  // guarded by mutex_

  schema::Reader reader_;
  schema::CommandEnvelope envelope_;
  std::string text_;
};

}  // namespace boxoffice::processor
