#include "commands/processor/topic_arrivals.hpp"

#include <algorithm>
#include <utility>

namespace boxoffice::processor {
namespace {

constexpr std::chrono::milliseconds kSeekAgain{200};

std::unexpected<RecoveryError> unreadable(const event_log::LogError& error) {
  return std::unexpected(RecoveryError{.message = error.message, .retry_helps = true});
}

}  // namespace

TopicArrivals::TopicArrivals(std::unique_ptr<event_log::CommandSource> source,
                             std::uint16_t partitions, std::size_t commands_max,
                             OnPassedOver on_passed_over, Clock clock)
    : source_(std::move(source)),
      partitions_(partitions),
      commands_max_(commands_max),
      on_passed_over_(std::move(on_passed_over)),
      clock_(std::move(clock)) {}

std::expected<void, RecoveryError> TopicArrivals::resume(std::span<const OwnedPartition> owned) {
  const auto bounds = source_->bounds();
  if (!bounds) return unreadable(bounds.error());
  std::uint64_t undecided = 0;
  // The commands of another topic were decided before these began.
  const auto& decided = owned.front().decided;
  if (decided && decided->log == source_->log()) {
    if (decided->offset >= bounds->end)
      return std::unexpected(RecoveryError{
          .message = "the log says that " + decided->log + " has been decided up to offset " +
                     std::to_string(decided->offset) + " of partition " +
                     std::to_string(owned.front().partition.value) + ", but it ends at " +
                     std::to_string(bounds->end) +
                     ": the topic was cut short or made anew; nothing can be decided in its order",
          .retry_helps = false});
    undecided = decided->offset + 1;
  }
  if (auto sought = source_->seek(std::max(undecided, bounds->first)); !sought)
    return unreadable(sought.error());
  next_ = undecided;
  partition_ = owned.front().partition;
  skipped_.reset();
  if (undecided < bounds->first) skip(bounds->first, bounds->end, schema::SkipFound::taking_over);
  is_held_ = true;
  is_well();
  return {};
}

void TopicArrivals::suspend() {
  is_held_ = false;
  skipped_.reset();  // found again by whoever takes over
}

void TopicArrivals::take(std::vector<Submission>& into) {
  if (!is_held_ || closed_ || !seek_again()) return;
  const auto records = source_->read(commands_max_);
  if (!records) return is_in_trouble(records.error());
  for (const event_log::CommandRecord& record : *records) {
    if (record.offset > next_) {
      // What is missing is told before what lies behind it, so that is left for the next time.
      if (!into.empty()) {
        seek_again_at_ = clock_();
        return;
      }
      if (!pass_over_gap(record.offset)) return;
    }
    take(record, into);
  }
}

bool TopicArrivals::pass_over_gap(std::uint64_t to) {
  const auto bounds = source_->bounds();
  if (!bounds) {
    is_in_trouble(bounds.error());
    return false;
  }
  if (next_ < bounds->first)
    skip(std::min(to, bounds->first), bounds->end, schema::SkipFound::deciding);
  if (next_ < to) on_passed_over_(next_, to, "the topic has no records there");
  next_ = to;
  return true;
}

void TopicArrivals::skip(std::uint64_t to, std::uint64_t end, schema::SkipFound found) {
  // Some more may be gone since the partition was taken over.
  if (!skipped_) skipped_ = {.partition = partition_, .from = next_, .found = found};
  skipped_->through = to - 1;
  skipped_->end = end;
  next_ = to;
}

bool TopicArrivals::seek_again() {
  if (!seek_again_at_) return true;
  if (clock_() < *seek_again_at_) return false;
  if (auto sought = source_->seek(next_); !sought) {
    is_in_trouble(sought.error());
    return false;
  }
  is_well();
  return true;
}

void TopicArrivals::is_well() {
  seek_again_at_.reset();
  const std::scoped_lock lock(mutex_);
  trouble_.reset();
}

void TopicArrivals::is_in_trouble(const event_log::LogError& error) {
  seek_again_at_ = clock_() + kSeekAgain;
  const std::scoped_lock lock(mutex_);
  trouble_ = error.message;
}

std::optional<std::string> TopicArrivals::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

void TopicArrivals::take(const event_log::CommandRecord& record, std::vector<Submission>& into) {
  next_ = record.offset + 1;
  if (record.value.empty()) return;  // a gateway has tried whether it may write
  text_.reserve(record.value.size() + schema::kPadding);
  text_ = record.value;
  Submission submission;
  if (auto read = reader_.command(text_, envelope_, submission.command); !read)
    return on_passed_over_(record.offset, next_, read.error().pointer + ": " + read.error().detail);
  const auto subject = schema::id_from_text<domain::SubjectId>(envelope_.subject);
  if (!subject) return on_passed_over_(record.offset, next_, "/subject: must be an id");
  // Whoever sent it there shares keys out in another way: its subject's owner decides elsewhere.
  const auto belongs_to = schema::partition_of(envelope_.subject, partitions_);
  if (belongs_to != partition_)
    return on_passed_over_(record.offset, next_,
                           "/subject: belongs to partition " + std::to_string(belongs_to.value));

  submission.identity = envelope_.identity;
  submission.subject = *subject;
  submission.actor = envelope_.actor;
  submission.correlation = envelope_.correlation;
  submission.traceparent = envelope_.traceparent;
  submission.received = envelope_.received;
  submission.deadline = envelope_.deadline;
  if (!envelope_.key_name.empty())
    submission.key = Submission::AttachedKey{envelope_.key_name, envelope_.key_value};
  submission.offset = record.offset;
  submission.reply_to = envelope_.reply_to;
  into.push_back(std::move(submission));
}

void TopicArrivals::wait(std::chrono::steady_clock::time_point until) {
  source_->wait(seek_again_at_ ? std::min(until, *seek_again_at_) : until);
}

void TopicArrivals::interrupt() { source_->interrupt(); }

}  // namespace boxoffice::processor
