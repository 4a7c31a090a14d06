#include "commands/post/posted_commands.hpp"

#include <charconv>
#include <utility>

#include "commands/processor/reply.hpp"
#include "events-schema/envelope_text.hpp"

namespace boxoffice::post {
namespace {

schema::CommandEnvelope envelope_of(const processor::Submission& submission, std::string source,
                                    std::string reply_to) {
  schema::CommandEnvelope envelope{.identity = submission.identity,
                                   .source = std::move(source),
                                   .subject = schema::to_text(submission.subject),
                                   .received = submission.received,
                                   .deadline = submission.deadline,
                                   .correlation = submission.correlation,
                                   .traceparent = submission.traceparent,
                                   .actor = submission.actor,
                                   .reply_to = std::move(reply_to)};
  if (submission.key) {
    envelope.key_name = submission.key->name;
    envelope.key_value = submission.key->value;
  }
  return envelope;
}

}  // namespace

PostedCommands::PostedCommands(Settings settings, event_log::CommandPost& post)
    : settings_(std::move(settings)),
      prefix_(settings_.gateway + "."),
      source_(std::string(schema::kSourcePrefix) + settings_.deployment),
      post_(post) {}

bool PostedCommands::submit(processor::Submission&& submission) {
  const auto number = wait_for(submission);
  if (!number) return false;
  const schema::CommandEnvelope envelope =
      envelope_of(submission, source_, prefix_ + std::to_string(*number));
  thread_local std::string value;
  value.clear();
  schema::write_command(value, envelope, submission.command);
  event_log::CommandPost::Sent sent = [this, number = *number](std::optional<std::string> trouble) {
    if (!trouble) return;
    if (auto waited = take(number)) waited->respond(processor::Unavailable{std::move(*trouble)});
  };
  const auto partition = schema::partition_of(envelope.subject, settings_.partitions);
  if (post_.send(partition, envelope.subject, value, sent)) return true;
  if (auto waited = take(*number)) submission.respond = std::move(waited->respond);
  return false;
}

std::optional<PostedCommands::Number> PostedCommands::wait_for(processor::Submission& submission) {
  const Clock::time_point now = settings_.now();
  const std::scoped_lock lock(mutex_);
  forget_overdue(now);
  if (waiting_.size() >= settings_.underway_max) return std::nullopt;
  const Number number = ++last_;
  const std::chrono::milliseconds bound = submission.deadline - submission.received;
  waiting_.emplace_hint(waiting_.end(), number,
                        Waiting{.respond = std::move(submission.respond),
                                .since = now,
                                .until = now + bound + settings_.patience});
  return number;
}

void PostedCommands::forget_overdue() {
  const Clock::time_point now = settings_.now();
  const std::scoped_lock lock(mutex_);
  forget_overdue(now);
}

void PostedCommands::forget_overdue(Clock::time_point now) {
  while (!waiting_.empty() && waiting_.begin()->second.until < now)
    waiting_.erase(waiting_.begin());
}

std::optional<PostedCommands::Waiting> PostedCommands::take(Number number) {
  const std::scoped_lock lock(mutex_);
  auto found = waiting_.extract(number);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

void PostedCommands::replied(std::string_view to, std::string_view value) {
  const auto number = number_of(to);
  if (!number) return;
  auto waited = take(*number);
  if (!waited) return;
  text_.reserve(value.size() + schema::kPadding);
  text_ = value;
  auto answer = processor::read_reply(text_, reader_);
  if (!answer) {
    unreadable_.fetch_add(1, std::memory_order_relaxed);
    return waited->respond(processor::Unavailable{"the reply cannot be read: " + answer.error()});
  }
  waited->respond(std::move(*answer));
}

std::optional<PostedCommands::Number> PostedCommands::number_of(std::string_view to) const {
  if (!to.starts_with(prefix_)) return std::nullopt;
  to.remove_prefix(prefix_.size());
  Number number = 0;
  const auto [end, error] = std::from_chars(to.data(), to.data() + to.size(), number);
  if (error != std::errc{} || end != to.data() + to.size()) return std::nullopt;
  return number;
}

std::size_t PostedCommands::underway() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

std::chrono::milliseconds PostedCommands::unanswered_for() const {
  const Clock::time_point now = settings_.now();
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(now -
                                                               waiting_.begin()->second.since);
}

}  // namespace boxoffice::post
