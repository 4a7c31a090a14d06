#include "commands/processor/topic_arrivals.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace boxoffice::processor {
namespace {

constexpr std::chrono::milliseconds kSeekAgain{200};
/// For brokers, while nothing can be decided anyway; and while timers are due, and perhaps the end.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kPatienceWhileHeld{500};

/// Another topic of the same name stays so.
std::unexpected<RecoveryError> unreadable(const event_log::LogError& error) {
  const bool is_another = error.kind == event_log::LogErrorKind::corrupt;
  return std::unexpected(RecoveryError{.message = error.message, .retry_helps = !is_another});
}

constexpr std::string_view kMeddledWith =
    ": the topic was cut short or made anew; nothing can be decided in its order";

/// `<cluster id>/<topic>` of a topic's name in marks, and its id where the cluster gives any.
struct TopicName {
  explicit TopicName(std::string_view log) {
    const std::size_t slash = log.find('/', std::min(log.size(), log.find('/') + 1));
    name = log.substr(0, slash);
    if (slash != std::string_view::npos) id = log.substr(slash + 1);
  }
  std::string_view name;
  std::string_view id;
};

bool was_made_anew(const TopicName& then, const TopicName& now) {
  return then.name == now.name && !then.id.empty() && !now.id.empty() && then.id != now.id;
}

bool is_base64url(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

/// What a gateway may have named so. In ASCII, so that the schema's bounds in characters are the
/// log's in bytes; and with a slash, so that it is nothing that the log says of itself.
bool is_key_name(std::string_view name) {
  const bool has_prefix = name.starts_with("person/") || name.starts_with("occasion/");
  const std::string_view rest = name.substr(name.find('/') + 1);
  return has_prefix && !rest.empty() &&
         std::ranges::all_of(rest, [](char c) { return c == '/' || is_base64url(c); });
}

bool is_wrapped_key(std::string_view value) { return std::ranges::all_of(value, is_base64url); }

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
  partition_ = owned.front().partition;
  const auto bounds = source_->bounds(kPatience);
  if (!bounds) return unreadable(bounds.error());
  std::uint64_t undecided = 0;
  // The commands of another topic were decided before these began.
  const auto& decided = owned.front().decided;
  const TopicName now(source_->log());
  if (decided && TopicName(decided->log).name == now.name) {
    if (was_made_anew(TopicName(decided->log), now))
      return cannot_go_on(*decided, "by now another topic has that name, " + std::string(now.id));
    if (decided->offset >= bounds->end)
      return cannot_go_on(*decided, "it ends at " + std::to_string(bounds->end));
    undecided = decided->offset + 1;
  }
  if (auto sought = source_->seek(std::max(undecided, bounds->first)); !sought)
    return unreadable(sought.error());
  next_ = undecided;
  skipped_.reset();
  if (undecided < bounds->first) skip(bounds->first, bounds->end, schema::SkipFound::taking_over);
  is_held_ = true;
  is_well();
  return {};
}

std::unexpected<RecoveryError> TopicArrivals::cannot_go_on(const CommandMark& decided,
                                                           const std::string& but) const {
  return std::unexpected(RecoveryError{
      .message = "the log says that " + decided.log + " has been decided up to offset " +
                 std::to_string(decided.offset) + " of partition " +
                 std::to_string(partition_.value) + ", but " + but + std::string(kMeddledWith),
      .retry_helps = false});
}

void TopicArrivals::suspend() {
  is_held_ = false;
  skipped_.reset();  // found again by whoever takes over
}

std::expected<void, RecoveryError> TopicArrivals::take(std::vector<Submission>& into) {
  if (!is_held_ || closed_) return {};
  if (has_to_seek()) {
    if (clock_() < *seek_again_at_) return {};
    if (auto sought = seek_again(); !sought || has_to_seek()) return sought;
  }
  const auto records = source_->read(commands_max_);
  if (!records) return cannot_read(records.error());
  for (const event_log::CommandRecord& record : *records) {
    if (record.offset < next_)
      return not_what_was_read("has a record at " + std::to_string(record.offset) + " again");
    if (record.offset > next_) {
      // What is missing is told before what lies behind it, so that is left for the next time.
      if (!into.empty()) {
        seek_again_at_ = clock_();
        return {};
      }
      if (auto passed = pass_over_gap(record.offset); !passed || has_to_seek()) return passed;
    }
    take(record, into);
  }
  return {};
}

std::expected<void, RecoveryError> TopicArrivals::pass_over_gap(std::uint64_t to) {
  const auto bounds = look();
  if (!bounds) return std::unexpected(bounds.error());
  if (!*bounds) return {};
  if (next_ < (*bounds)->first)
    skip(std::min(to, (*bounds)->first), (*bounds)->end, schema::SkipFound::deciding);
  if (next_ < to) on_passed_over_(next_, to, "the topic has no records there");
  next_ = to;
  return {};
}

void TopicArrivals::skip(std::uint64_t to, std::uint64_t end, schema::SkipFound found) {
  // Some more may be gone since the partition was taken over.
  if (!skipped_) skipped_ = {.partition = partition_, .from = next_, .found = found};
  skipped_->through = to - 1;
  skipped_->end = end;
  next_ = to;
}

std::expected<void, RecoveryError> TopicArrivals::seek_again() {
  const auto bounds = look();
  if (!bounds) return std::unexpected(bounds.error());
  if (!*bounds) return {};
  if (next_ < (*bounds)->first) skip((*bounds)->first, (*bounds)->end, schema::SkipFound::deciding);
  if (auto sought = source_->seek(next_); !sought)
    is_in_trouble(sought.error());
  else
    is_well();
  return {};
}

std::expected<std::optional<TopicArrivals::Bounds>, RecoveryError> TopicArrivals::look() {
  const auto bounds = source_->bounds(kPatienceWhileHeld);
  if (!bounds) {
    if (auto last = cannot_read(bounds.error()); !last) return std::unexpected(last.error());
    return std::nullopt;
  }
  if (next_ > bounds->end) return not_what_was_read("ends at " + std::to_string(bounds->end));
  return *bounds;
}

std::expected<void, RecoveryError> TopicArrivals::cannot_read(const event_log::LogError& error) {
  if (error.kind == event_log::LogErrorKind::corrupt)
    return not_what_was_read("cannot be gone on with, " + error.message);
  is_in_trouble(error);
  return {};
}

std::unexpected<RecoveryError> TopicArrivals::not_what_was_read(const std::string& what) const {
  return std::unexpected(RecoveryError{
      .message = std::string(log()) + " has been read up to offset " + std::to_string(next_) +
                 " of partition " + std::to_string(partition_.value) + ", but it " + what +
                 std::string(kMeddledWith),
      .retry_helps = false});
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

  if (!envelope_.key_name.empty()) {
    // The log would end the program of whoever appends what it does not take.
    if (!is_key_name(envelope_.key_name))
      return on_passed_over_(record.offset, next_,
                             "/keyname: must be person/… or occasion/…, of what base64url has");
    if (!is_wrapped_key(envelope_.key_value))
      return on_passed_over_(record.offset, next_, "/keyvalue: must be base64url");
    submission.key = Submission::AttachedKey{envelope_.key_name, envelope_.key_value};
  }

  submission.identity = envelope_.identity;
  submission.subject = *subject;
  submission.actor = envelope_.actor;
  submission.correlation = envelope_.correlation;
  submission.traceparent = envelope_.traceparent;
  submission.received = envelope_.received;
  submission.deadline = envelope_.deadline;
  submission.offset = record.offset;
  submission.reply_to = envelope_.reply_to;
  into.push_back(std::move(submission));
}

void TopicArrivals::wait(std::chrono::steady_clock::time_point until) {
  source_->wait(seek_again_at_ ? std::min(until, *seek_again_at_) : until);
}

void TopicArrivals::interrupt() { source_->interrupt(); }

}  // namespace boxoffice::processor
